;; The arithmetic of a GPT in the page: WebAssembly with 128-bit SIMD, written by hand.
;;
;;   python -m llm_lib.widgets.kernel_build      assembles this file into kernel_binary.js
;;
;; Every number is a float32, and every array is dense, row by row. $y, $x, $w … are byte addresses
;; in the imported memory; sizes count numbers. Four neighbours make one vector (f32x4); what is
;; left after the last whole vector is done one by one. Nothing here allocates, checks or remembers:
;; kernel.js hands out the memory and checks the sizes. A result never overlaps an input, unless a
;; comment says that it may.
;;
;; The same bits everywhere: only operations whose last bit IEEE 754 fixes (no relaxed SIMD; exp is
;; computed here), and each output adds up its terms in an order that depends on its own length
;; alone. So a token read alone gives the bits that it gives among many, on every machine.
(module
  (import "js" "memory" (memory 0))

  ;; The address n numbers after $p.
  (func $at (param $p i32) (param $n i32) (result i32)
    (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 2))))

  ;; Where $n numbers are left to do: how many of them go next, four or one.
  (func $next (param $n i32) (result i32)
    (select (i32.const 4) (i32.const 1) (i32.ge_u (local.get $n) (i32.const 4))))

  ;; Those numbers, from $p on. One comes with three zeros.
  (func $load (param $p i32) (param $n i32) (result v128)
    (if (result v128) (i32.ge_u (local.get $n) (i32.const 4))
      (then (v128.load (local.get $p)))
      (else (v128.load32_zero (local.get $p)))))

  (func $store (param $p i32) (param $v v128) (param $n i32)
    (if (i32.ge_u (local.get $n) (i32.const 4))
      (then (v128.store (local.get $p) (local.get $v)))
      (else (v128.store32_lane 0 (local.get $p) (local.get $v)))))

  ;; ---- y = x · w + bias: each output starts at the bias and adds inputs first to last ----------

  ;; y (rows, nOut) = x (rows, nIn) · w (nIn, nOut) + bias (nOut); without bias where $bias is 0.
  (func (export "linear")
    (param $y i32) (param $x i32) (param $w i32) (param $bias i32)
    (param $rows i32) (param $nIn i32) (param $nOut i32)
    (if (i32.and
          (i32.ge_u (local.get $rows) (i32.const 4))
          (i32.ge_u (local.get $nOut) (i32.const 8)))
      (then (call $linearTiles
        (local.get $y) (local.get $x) (local.get $w) (local.get $bias)
        (local.get $rows) (local.get $nIn) (local.get $nOut)))
      (else (loop $nextRow
        (if (local.get $rows) (then
          (call $linearRow
            (local.get $y) (local.get $x) (local.get $w) (local.get $bias)
            (local.get $nIn) (local.get $nOut))
          (local.set $y (call $at (local.get $y) (local.get $nOut)))
          (local.set $x (call $at (local.get $x) (local.get $nIn)))
          (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
          (br $nextRow)))))))

  ;; One row. All its time goes into fetching weights: they are read once, front to back, as four
  ;; streams (four inputs at a time) that the processor can fetch ahead, while y stays in its cache.
  (func $linearRow
    (param $y i32) (param $x i32) (param $w i32) (param $bias i32) (param $nIn i32) (param $nOut i32)
    (local $bytes i32)
    (local.set $bytes (i32.shl (local.get $nOut) (i32.const 2)))
    (if (local.get $bias)
      (then (memory.copy (local.get $y) (local.get $bias) (local.get $bytes)))
      (else (memory.fill (local.get $y) (i32.const 0) (local.get $bytes))))
    (loop $nextFour
      (if (i32.ge_u (local.get $nIn) (i32.const 4)) (then
        (call $addFour
          (local.get $y) (local.get $w) (local.get $nOut)
          (f32.load (local.get $x)) (f32.load offset=4 (local.get $x))
          (f32.load offset=8 (local.get $x)) (f32.load offset=12 (local.get $x)))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $w (call $at (local.get $w) (local.get $bytes))) ;; four rows on
        (local.set $nIn (i32.sub (local.get $nIn) (i32.const 4)))
        (br $nextFour))))
    (loop $nextOne
      (if (local.get $nIn) (then
        (call $addScaled (local.get $y) (local.get $w) (f32.load (local.get $x)) (local.get $nOut))
        (local.set $x (i32.add (local.get $x) (i32.const 4)))
        (local.set $w (i32.add (local.get $w) (local.get $bytes)))
        (local.set $nIn (i32.sub (local.get $nIn) (i32.const 1)))
        (br $nextOne)))))

  ;; y = y + a · w0 + b · w1 + c · w2 + d · w3, where w0 … w3 are four rows of n numbers.
  (func $addFour
    (param $y i32) (param $w0 i32) (param $n i32)
    (param $a f32) (param $b f32) (param $c f32) (param $d f32)
    (local $w1 i32) (local $w2 i32) (local $w3 i32) (local $end i32)
    (local $va v128) (local $vb v128) (local $vc v128) (local $vd v128)
    (local.set $w1 (call $at (local.get $w0) (local.get $n)))
    (local.set $w2 (call $at (local.get $w1) (local.get $n)))
    (local.set $w3 (call $at (local.get $w2) (local.get $n)))
    (local.set $va (f32x4.splat (local.get $a)))
    (local.set $vb (f32x4.splat (local.get $b)))
    (local.set $vc (f32x4.splat (local.get $c)))
    (local.set $vd (f32x4.splat (local.get $d)))
    (local.set $end (call $at (local.get $y) (i32.and (local.get $n) (i32.const -4))))
    (loop $nextVector
      (if (i32.lt_u (local.get $y) (local.get $end)) (then
        (v128.store (local.get $y)
          (f32x4.add (f32x4.add (f32x4.add (f32x4.add
            (v128.load (local.get $y))
            (f32x4.mul (local.get $va) (v128.load (local.get $w0))))
            (f32x4.mul (local.get $vb) (v128.load (local.get $w1))))
            (f32x4.mul (local.get $vc) (v128.load (local.get $w2))))
            (f32x4.mul (local.get $vd) (v128.load (local.get $w3)))))
        (local.set $y (i32.add (local.get $y) (i32.const 16)))
        (local.set $w0 (i32.add (local.get $w0) (i32.const 16)))
        (local.set $w1 (i32.add (local.get $w1) (i32.const 16)))
        (local.set $w2 (i32.add (local.get $w2) (i32.const 16)))
        (local.set $w3 (i32.add (local.get $w3) (i32.const 16)))
        (br $nextVector))))
    (local.set $n (i32.and (local.get $n) (i32.const 3)))
    (call $addScaled (local.get $y) (local.get $w0) (local.get $a) (local.get $n))
    (call $addScaled (local.get $y) (local.get $w1) (local.get $b) (local.get $n))
    (call $addScaled (local.get $y) (local.get $w2) (local.get $c) (local.get $n))
    (call $addScaled (local.get $y) (local.get $w3) (local.get $d) (local.get $n)))

  ;; Four rows or more of eight outputs or more, in tiles of four by eight. The last tile of a side
  ;; is moved back where it would stick out; what it computes again comes out the same. Outputs are
  ;; the outer loop, so that eight columns of w stay in the cache for all rows.
  (func $linearTiles
    (param $y i32) (param $x i32) (param $w i32) (param $bias i32)
    (param $rows i32) (param $nIn i32) (param $nOut i32)
    (local $row i32) (local $column i32) (local $lastRow i32) (local $lastColumn i32)
    (local.set $lastRow (i32.sub (local.get $rows) (i32.const 4)))
    (local.set $lastColumn (i32.sub (local.get $nOut) (i32.const 8)))
    (loop $nextColumn
      (local.set $column (call $least (local.get $column) (local.get $lastColumn)))
      (local.set $row (i32.const 0))
      (loop $nextRow
        (local.set $row (call $least (local.get $row) (local.get $lastRow)))
        (call $tile
          (call $at (local.get $y)
            (i32.add (local.get $column) (i32.mul (local.get $row) (local.get $nOut))))
          (call $at (local.get $x) (i32.mul (local.get $row) (local.get $nIn)))
          (call $at (local.get $w) (local.get $column))
          (select (call $at (local.get $bias) (local.get $column)) (i32.const 0) (local.get $bias))
          (local.get $nIn) (local.get $nOut))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (br_if $nextRow (i32.lt_u (local.get $row) (local.get $rows))))
      (local.set $column (i32.add (local.get $column) (i32.const 8)))
      (br_if $nextColumn (i32.lt_u (local.get $column) (local.get $nOut)))))

  (func $least (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.lt_u (local.get $a) (local.get $b))))

  ;; Rows a, b, c, d of x, times eight columns of w: eight vectors of sums, all in registers.
  (func $tile
    (param $y i32) (param $a i32) (param $w i32) (param $bias i32) (param $nIn i32) (param $nOut i32)
    (local $b i32) (local $c i32) (local $d i32) (local $end i32)
    (local $w0 v128) (local $w1 v128) (local $input v128)
    (local $a0 v128) (local $a1 v128) (local $b0 v128) (local $b1 v128)
    (local $c0 v128) (local $c1 v128) (local $d0 v128) (local $d1 v128)
    (if (local.get $bias) (then
      (local.set $a0 (v128.load (local.get $bias)))
      (local.set $a1 (v128.load offset=16 (local.get $bias)))))
    (local.set $b0 (local.get $a0)) (local.set $b1 (local.get $a1))
    (local.set $c0 (local.get $a0)) (local.set $c1 (local.get $a1))
    (local.set $d0 (local.get $a0)) (local.set $d1 (local.get $a1))
    (local.set $b (call $at (local.get $a) (local.get $nIn)))
    (local.set $c (call $at (local.get $b) (local.get $nIn)))
    (local.set $d (call $at (local.get $c) (local.get $nIn)))
    (local.set $end (local.get $b))
    (loop $nextInput
      (if (i32.lt_u (local.get $a) (local.get $end)) (then
        (local.set $w0 (v128.load (local.get $w)))
        (local.set $w1 (v128.load offset=16 (local.get $w)))
        (local.set $input (v128.load32_splat (local.get $a)))
        (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $input) (local.get $w0))))
        (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $input) (local.get $w1))))
        (local.set $input (v128.load32_splat (local.get $b)))
        (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $input) (local.get $w0))))
        (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $input) (local.get $w1))))
        (local.set $input (v128.load32_splat (local.get $c)))
        (local.set $c0 (f32x4.add (local.get $c0) (f32x4.mul (local.get $input) (local.get $w0))))
        (local.set $c1 (f32x4.add (local.get $c1) (f32x4.mul (local.get $input) (local.get $w1))))
        (local.set $input (v128.load32_splat (local.get $d)))
        (local.set $d0 (f32x4.add (local.get $d0) (f32x4.mul (local.get $input) (local.get $w0))))
        (local.set $d1 (f32x4.add (local.get $d1) (f32x4.mul (local.get $input) (local.get $w1))))
        (local.set $a (i32.add (local.get $a) (i32.const 4)))
        (local.set $b (i32.add (local.get $b) (i32.const 4)))
        (local.set $c (i32.add (local.get $c) (i32.const 4)))
        (local.set $d (i32.add (local.get $d) (i32.const 4)))
        (local.set $w (call $at (local.get $w) (local.get $nOut)))
        (br $nextInput))))
    (call $storeTwo (local.get $y) (local.get $a0) (local.get $a1))
    (local.set $y (call $at (local.get $y) (local.get $nOut)))
    (call $storeTwo (local.get $y) (local.get $b0) (local.get $b1))
    (local.set $y (call $at (local.get $y) (local.get $nOut)))
    (call $storeTwo (local.get $y) (local.get $c0) (local.get $c1))
    (local.set $y (call $at (local.get $y) (local.get $nOut)))
    (call $storeTwo (local.get $y) (local.get $d0) (local.get $d1)))

  (func $storeTwo (param $y i32) (param $first v128) (param $second v128)
    (v128.store (local.get $y) (local.get $first))
    (v128.store offset=16 (local.get $y) (local.get $second)))

  ;; ---- y = x · tableᵀ: each output is the dot product of two rows ------------------------------

  ;; y (rows, nOut) = x (rows, nIn) · table (nOut, nIn) transposed, eight outputs at a time where
  ;; there are eight and their rows are whole vectors.
  (func $linearTransposed (export "linearTransposed")
    (param $y i32) (param $x i32) (param $table i32)
    (param $rows i32) (param $nIn i32) (param $nOut i32)
    (local $row i32) (local $out i32) (local $step i32) (local $last i32)
    (local.set $step (select (i32.const 1) (i32.const 8)
      (i32.or (i32.and (local.get $nIn) (i32.const 3))
        (i32.lt_u (local.get $nOut) (i32.const 8)))))
    (local.set $last (i32.sub (local.get $nOut) (local.get $step)))
    ;; Outputs are the outer loop: the rows of the table that are in use stay in the cache.
    (loop $nextOut
      (if (i32.lt_u (local.get $out) (local.get $nOut)) (then
        (local.set $out (call $least (local.get $out) (local.get $last)))
        (local.set $row (i32.const 0))
        (loop $nextRow
          (if (i32.lt_u (local.get $row) (local.get $rows)) (then
            (call $dots
              (call $at (local.get $y)
                (i32.add (local.get $out) (i32.mul (local.get $row) (local.get $nOut))))
              (call $at (local.get $x) (i32.mul (local.get $row) (local.get $nIn)))
              (call $at (local.get $table) (i32.mul (local.get $out) (local.get $nIn)))
              (local.get $nIn) (local.get $step))
            (local.set $row (i32.add (local.get $row) (i32.const 1)))
            (br $nextRow))))
        (local.set $out (i32.add (local.get $out) (local.get $step)))
        (br $nextOut)))))

  ;; $count (1 or 8) outputs of one row.
  (func $dots (param $y i32) (param $x i32) (param $table i32) (param $n i32) (param $count i32)
    (if (i32.eq (local.get $count) (i32.const 8))
      (then (call $dotEight (local.get $y) (local.get $x) (local.get $table) (local.get $n)))
      (else (f32.store (local.get $y)
        (call $dot (local.get $x) (local.get $table) (local.get $n))))))

  ;; The sum of a · b over n numbers: four sums side by side, added up at the end.
  (func $dot (param $a i32) (param $b i32) (param $n i32) (result f32)
    (local $sums v128)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (local.set $sums (f32x4.add (local.get $sums)
          (f32x4.mul
            (call $load (local.get $a) (local.get $n))
            (call $load (local.get $b) (local.get $n)))))
        (local.set $step (call $next (local.get $n)))
        (local.set $a (call $at (local.get $a) (local.get $step)))
        (local.set $b (call $at (local.get $b) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers))))
    (call $across (local.get $sums)))

  ;; The sum of the four numbers of a vector, as (0 + 2) + (1 + 3).
  (func $across (param $v v128) (result f32)
    (local.set $v (f32x4.add (local.get $v)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v))))
    (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v))))

  ;; y (8) = eight rows of n numbers, each times x; n is a multiple of 4. Same sums as $dot.
  (func $dotEight (param $y i32) (param $x i32) (param $t0 i32) (param $n i32)
    (local $t1 i32) (local $t2 i32) (local $t3 i32)
    (local $t4 i32) (local $t5 i32) (local $t6 i32) (local $t7 i32) (local $end i32)
    (local $input v128) (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local $s4 v128) (local $s5 v128) (local $s6 v128) (local $s7 v128)
    (local.set $t1 (call $at (local.get $t0) (local.get $n)))
    (local.set $t2 (call $at (local.get $t1) (local.get $n)))
    (local.set $t3 (call $at (local.get $t2) (local.get $n)))
    (local.set $t4 (call $at (local.get $t3) (local.get $n)))
    (local.set $t5 (call $at (local.get $t4) (local.get $n)))
    (local.set $t6 (call $at (local.get $t5) (local.get $n)))
    (local.set $t7 (call $at (local.get $t6) (local.get $n)))
    (local.set $end (call $at (local.get $x) (local.get $n)))
    (loop $nextVector
      (if (i32.lt_u (local.get $x) (local.get $end)) (then
        (local.set $input (v128.load (local.get $x)))
        (local.set $s0 (f32x4.add (local.get $s0)
          (f32x4.mul (local.get $input) (v128.load (local.get $t0)))))
        (local.set $s1 (f32x4.add (local.get $s1)
          (f32x4.mul (local.get $input) (v128.load (local.get $t1)))))
        (local.set $s2 (f32x4.add (local.get $s2)
          (f32x4.mul (local.get $input) (v128.load (local.get $t2)))))
        (local.set $s3 (f32x4.add (local.get $s3)
          (f32x4.mul (local.get $input) (v128.load (local.get $t3)))))
        (local.set $s4 (f32x4.add (local.get $s4)
          (f32x4.mul (local.get $input) (v128.load (local.get $t4)))))
        (local.set $s5 (f32x4.add (local.get $s5)
          (f32x4.mul (local.get $input) (v128.load (local.get $t5)))))
        (local.set $s6 (f32x4.add (local.get $s6)
          (f32x4.mul (local.get $input) (v128.load (local.get $t6)))))
        (local.set $s7 (f32x4.add (local.get $s7)
          (f32x4.mul (local.get $input) (v128.load (local.get $t7)))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $t0 (i32.add (local.get $t0) (i32.const 16)))
        (local.set $t1 (i32.add (local.get $t1) (i32.const 16)))
        (local.set $t2 (i32.add (local.get $t2) (i32.const 16)))
        (local.set $t3 (i32.add (local.get $t3) (i32.const 16)))
        (local.set $t4 (i32.add (local.get $t4) (i32.const 16)))
        (local.set $t5 (i32.add (local.get $t5) (i32.const 16)))
        (local.set $t6 (i32.add (local.get $t6) (i32.const 16)))
        (local.set $t7 (i32.add (local.get $t7) (i32.const 16)))
        (br $nextVector))))
    (call $storeTwo (local.get $y)
      (call $acrossFour (local.get $s0) (local.get $s1) (local.get $s2) (local.get $s3))
      (call $acrossFour (local.get $s4) (local.get $s5) (local.get $s6) (local.get $s7))))

  ;; $across for four vectors at once, which gives one vector.
  (func $acrossFour (param $a v128) (param $b v128) (param $c v128) (param $d v128) (result v128)
    ;; a0+a2 b0+b2 a1+a3 b1+b3, and the same of c and d
    (local.set $a (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
        (local.get $a) (local.get $b))))
    (local.set $c (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
        (local.get $c) (local.get $d))))
    (f32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31
        (local.get $a) (local.get $c))))

  ;; ---- number by number: y may be x ------------------------------------------------------------

  ;; y = y + a · x, n numbers.
  (func $addScaled (export "addScaled") (param $y i32) (param $x i32) (param $a f32) (param $n i32)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (call $store (local.get $y)
          (f32x4.add
            (call $load (local.get $y) (local.get $n))
            (f32x4.mul (f32x4.splat (local.get $a)) (call $load (local.get $x) (local.get $n))))
          (local.get $n))
        (local.set $step (call $next (local.get $n)))
        (local.set $y (call $at (local.get $y) (local.get $step)))
        (local.set $x (call $at (local.get $x) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers)))))

  ;; y = a · y, n numbers.
  (func $scale (param $y i32) (param $a f32) (param $n i32)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (call $store (local.get $y)
          (f32x4.mul (f32x4.splat (local.get $a)) (call $load (local.get $y) (local.get $n)))
          (local.get $n))
        (local.set $step (call $next (local.get $n)))
        (local.set $y (call $at (local.get $y) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers)))))

  ;; y = gelu(x), n numbers: GPT-2's form, x · ½ (1 + tanh u) with u = √(2/π) (x + 0.044715 x³).
  (func (export "gelu") (param $y i32) (param $x i32) (param $n i32)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (call $store (local.get $y)
          (call $geluOfFour (call $load (local.get $x) (local.get $n))) (local.get $n))
        (local.set $step (call $next (local.get $n)))
        (local.set $y (call $at (local.get $y) (local.get $step)))
        (local.set $x (call $at (local.get $x) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers)))))

  ;; ½ (1 + tanh u) = 1 / (1 + exp(-2u)), so one exp is enough.
  (func $geluOfFour (param $x v128) (result v128)
    (f32x4.div (local.get $x)
      (f32x4.add (f32x4.splat (f32.const 1))
        (call $exp (f32x4.mul
          (f32x4.mul (f32x4.splat (f32.const -1.5957691216057308)) (local.get $x)) ;; -2 √(2/π) x
          (f32x4.add (f32x4.splat (f32.const 1))
            (f32x4.mul (f32x4.splat (f32.const 0.044715))
              (f32x4.mul (local.get $x) (local.get $x)))))))))

  ;; exp of four numbers, within two units of the last place; 0 below -87.3, and what is above 88.3
  ;; counts as 88.3, so that nothing overflows.
  ;;
  ;; exp(v) = 2ⁿ · exp(r) with n the whole number nearest to v / ln 2, so |r| ≤ ½ ln 2. There the
  ;; Taylor series up to r⁷ / 7! is off by less than 1e-8. n · 0.693359375 has no rounding error.
  (func $exp (param $v v128) (result v128)
    (local $n v128) (local $r v128) (local $tiny v128)
    (local.set $tiny (f32x4.lt (local.get $v) (f32x4.splat (f32.const -87.3))))
    (local.set $v (f32x4.pmin (local.get $v) (f32x4.splat (f32.const 88.3))))
    (local.set $v (f32x4.pmax (local.get $v) (f32x4.splat (f32.const -87.3))))
    (local.set $n (f32x4.nearest
      (f32x4.mul (local.get $v) (f32x4.splat (f32.const 1.4426950408889634)))))
    (local.set $r (f32x4.sub
      (f32x4.sub (local.get $v) (f32x4.mul (local.get $n) (f32x4.splat (f32.const 0.693359375))))
      (f32x4.mul (local.get $n) (f32x4.splat (f32.const -2.1219444005469057e-4)))))
    (local.set $v (f32x4.splat (f32.const 1.984126984126984e-4)))                    ;; 1 / 7!
    (local.set $v (call $horner (local.get $v) (local.get $r) (f32.const 1.388888888888889e-3)))
    (local.set $v (call $horner (local.get $v) (local.get $r) (f32.const 8.333333333333333e-3)))
    (local.set $v (call $horner (local.get $v) (local.get $r) (f32.const 4.1666666666666664e-2)))
    (local.set $v (call $horner (local.get $v) (local.get $r) (f32.const 0.16666666666666666)))
    (local.set $v (call $horner (local.get $v) (local.get $r) (f32.const 0.5)))
    (local.set $v (call $horner (local.get $v) (local.get $r) (f32.const 1)))
    (local.set $v (call $horner (local.get $v) (local.get $r) (f32.const 1)))
    ;; 2ⁿ: n + 127 in the bits of the exponent
    (v128.andnot
      (f32x4.mul (local.get $v) (i32x4.shl
        (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $n)) (i32x4.splat (i32.const 127)))
        (i32.const 23)))
      (local.get $tiny)))

  ;; One step of a polynomial: v · r + c.
  (func $horner (param $v v128) (param $r v128) (param $c f32) (result v128)
    (f32x4.add (f32x4.mul (local.get $v) (local.get $r)) (f32x4.splat (local.get $c))))

  ;; ---- row by row: y may be x ------------------------------------------------------------------

  ;; Each row of x moved to mean 0 and variance 1, times weight (width), plus bias (width) where
  ;; $bias is not 0.
  (func (export "layerNorm")
    (param $y i32) (param $x i32) (param $weight i32) (param $bias i32)
    (param $rows i32) (param $width i32) (param $eps f32)
    (local $size f32)
    (local.set $size (f32.convert_i32_u (local.get $width)))
    (loop $nextRow
      (if (local.get $rows) (then
        (call $copyShifted (local.get $y) (local.get $x)
          (f32.div (call $sum (local.get $x) (local.get $width)) (local.get $size))
          (local.get $width))
        (call $stretch (local.get $y)
          (f32.div (f32.const 1) (f32.sqrt (f32.add (local.get $eps)
            (f32.div (call $dot (local.get $y) (local.get $y) (local.get $width))
              (local.get $size)))))
          (local.get $weight) (local.get $bias) (local.get $width))
        (local.set $y (call $at (local.get $y) (local.get $width)))
        (local.set $x (call $at (local.get $x) (local.get $width)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $nextRow)))))

  ;; y = a · y · weight + bias, n numbers; without bias where $bias is 0.
  (func $stretch (param $y i32) (param $a f32) (param $weight i32) (param $bias i32) (param $n i32)
    (local $value v128)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (local.set $value (f32x4.mul
          (f32x4.mul (f32x4.splat (local.get $a)) (call $load (local.get $y) (local.get $n)))
          (call $load (local.get $weight) (local.get $n))))
        (if (local.get $bias) (then
          (local.set $value (f32x4.add (local.get $value)
            (call $load (local.get $bias) (local.get $n))))
          (local.set $bias (call $at (local.get $bias) (call $next (local.get $n))))))
        (call $store (local.get $y) (local.get $value) (local.get $n))
        (local.set $step (call $next (local.get $n)))
        (local.set $y (call $at (local.get $y) (local.get $step)))
        (local.set $weight (call $at (local.get $weight) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers)))))

  ;; y = x - a, n numbers.
  (func $copyShifted (param $y i32) (param $x i32) (param $a f32) (param $n i32)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (call $store (local.get $y)
          (f32x4.sub (call $load (local.get $x) (local.get $n)) (f32x4.splat (local.get $a)))
          (local.get $n))
        (local.set $step (call $next (local.get $n)))
        (local.set $y (call $at (local.get $y) (local.get $step)))
        (local.set $x (call $at (local.get $x) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers)))))

  ;; The sum of n numbers, added up as $dot does.
  (func $sum (param $x i32) (param $n i32) (result f32)
    (local $sums v128)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (local.set $sums (f32x4.add (local.get $sums)
          (call $load (local.get $x) (local.get $n))))
        (local.set $step (call $next (local.get $n)))
        (local.set $x (call $at (local.get $x) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers))))
    (call $across (local.get $sums)))

  ;; Softmax of each row of x (rows, width): row r of its first visible + r numbers (never more than
  ;; there are), and 0 for the rest.
  (func (export "softmaxRows")
    (param $y i32) (param $x i32) (param $rows i32) (param $width i32) (param $visible i32)
    (loop $nextRow
      (if (local.get $rows) (then
        (local.set $visible (call $least (local.get $visible) (local.get $width)))
        (call $softmax (local.get $y) (local.get $x) (local.get $visible))
        (memory.fill (call $at (local.get $y) (local.get $visible)) (i32.const 0)
          (i32.shl (i32.sub (local.get $width) (local.get $visible)) (i32.const 2)))
        (local.set $visible (i32.add (local.get $visible) (i32.const 1)))
        (local.set $y (call $at (local.get $y) (local.get $width)))
        (local.set $x (call $at (local.get $x) (local.get $width)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $nextRow)))))

  ;; exp(x - max) over its sum: the largest becomes exp(0), so nothing overflows.
  (func $softmax (param $y i32) (param $x i32) (param $n i32)
    (call $expOfShifted (local.get $y) (local.get $x)
      (call $max (local.get $x) (local.get $n)) (local.get $n))
    (call $scale (local.get $y)
      (f32.div (f32.const 1) (call $sum (local.get $y) (local.get $n))) (local.get $n)))

  ;; y = exp(x - a), n numbers.
  (func $expOfShifted (param $y i32) (param $x i32) (param $a f32) (param $n i32)
    (local $step i32)
    (loop $nextNumbers
      (if (local.get $n) (then
        (call $store (local.get $y)
          (call $exp (f32x4.sub
            (call $load (local.get $x) (local.get $n)) (f32x4.splat (local.get $a))))
          (local.get $n))
        (local.set $step (call $next (local.get $n)))
        (local.set $y (call $at (local.get $y) (local.get $step)))
        (local.set $x (call $at (local.get $x) (local.get $step)))
        (local.set $n (i32.sub (local.get $n) (local.get $step)))
        (br $nextNumbers)))))

  (func $max (param $x i32) (param $n i32) (result f32)
    (local $max f32)
    (local.set $max (f32.const -inf))
    (loop $nextOne
      (if (local.get $n) (then
        (local.set $max (f32.max (local.get $max) (f32.load (local.get $x))))
        (local.set $x (i32.add (local.get $x) (i32.const 4)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $nextOne))))
    (local.get $max))

  ;; ---- attention -------------------------------------------------------------------------------

  ;; Each of $rows new positions looks back, every head on its own. Their own keys and values are in
  ;; the cache, so row r sees the first past + r + 1 positions.
  ;;
  ;; y (rows, heads, d); row r of $queries starts r · stride numbers on, its heads side by side; keys
  ;; and values (heads, capacity, d); scratch (capacity) is overwritten.
  (func (export "attend")
    (param $y i32) (param $queries i32) (param $keys i32) (param $values i32) (param $scratch i32)
    (param $rows i32) (param $past i32) (param $heads i32) (param $d i32)
    (param $stride i32) (param $capacity i32)
    (local $head i32) (local $cached i32)
    (loop $nextRow
      (if (local.get $rows) (then
        (local.set $past (i32.add (local.get $past) (i32.const 1)))
        (local.set $head (i32.const 0))
        (loop $nextHead
          (if (i32.lt_u (local.get $head) (local.get $heads)) (then
            (local.set $cached
              (i32.mul (local.get $head) (i32.mul (local.get $capacity) (local.get $d))))
            (call $attendHead
              (call $at (local.get $y) (i32.mul (local.get $head) (local.get $d)))
              (call $at (local.get $queries) (i32.mul (local.get $head) (local.get $d)))
              (call $at (local.get $keys) (local.get $cached))
              (call $at (local.get $values) (local.get $cached))
              (local.get $scratch) (local.get $d) (local.get $past))
            (local.set $head (i32.add (local.get $head) (i32.const 1)))
            (br $nextHead))))
        (local.set $y (call $at (local.get $y) (i32.mul (local.get $heads) (local.get $d))))
        (local.set $queries (call $at (local.get $queries) (local.get $stride)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $nextRow)))))

  ;; y (d) = softmax(query · keysᵀ / √d) · values, with the first n of each.
  (func $attendHead
    (param $y i32) (param $query i32) (param $keys i32) (param $values i32) (param $weights i32)
    (param $d i32) (param $n i32)
    (call $linearTransposed
      (local.get $weights) (local.get $query) (local.get $keys)
      (i32.const 1) (local.get $d) (local.get $n))
    (call $scale (local.get $weights)
      (f32.div (f32.const 1) (f32.sqrt (f32.convert_i32_u (local.get $d)))) (local.get $n))
    (call $softmax (local.get $weights) (local.get $weights) (local.get $n))
    (call $linearRow
      (local.get $y) (local.get $weights) (local.get $values) (i32.const 0)
      (local.get $n) (local.get $d)))
)
