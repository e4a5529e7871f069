 ;; a[i] += g[i] for i in [0, n): 16 floats a pass, the rest one by one; element by element, so the split changes no bit
 (func (export "add") (param $a i32) (param $g i32) (param $n i32)
  (local $end i32) (local $wide i32)
  (local.set $end (i32.add (local.get $a) (i32.shl (local.get $n) (i32.const 2))))
  (local.set $wide (i32.add (local.get $a) (i32.and (i32.shl (local.get $n) (i32.const 2)) (i32.const -64))))
  (block $done
   (loop $l
    (br_if $done (i32.ge_u (local.get $a) (local.get $wide)))
    (v128.store (local.get $a) (f32x4.add (v128.load (local.get $a)) (v128.load (local.get $g))))
    (v128.store offset=16 (local.get $a) (f32x4.add (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $g))))
    (v128.store offset=32 (local.get $a) (f32x4.add (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $g))))
    (v128.store offset=48 (local.get $a) (f32x4.add (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $g))))
    (local.set $a (i32.add (local.get $a) (i32.const 64)))
    (local.set $g (i32.add (local.get $g) (i32.const 64)))
    (br $l)))
  (block $tailDone
   (loop $t
    (br_if $tailDone (i32.ge_u (local.get $a) (local.get $end)))
    (f32.store (local.get $a) (f32.add (f32.load (local.get $a)) (f32.load (local.get $g))))
    (local.set $a (i32.add (local.get $a) (i32.const 4)))
    (local.set $g (i32.add (local.get $g) (i32.const 4)))
    (br $t))))

 ;; sum of squares over n floats, n a positive multiple of 8; eight partial sums, added in a fixed order
 (func (export "sumOfSquares") (param $g i32) (param $n i32) (result f32)
  (local $end i32) (local $s v128) (local $s1 v128) (local $x v128)
  (local.set $end (i32.add (local.get $g) (i32.shl (local.get $n) (i32.const 2))))
  (loop $l
   (local.set $x (v128.load (local.get $g)))
   (local.set $s (f32x4.add (local.get $s) (f32x4.mul (local.get $x) (local.get $x))))
   (local.set $x (v128.load offset=16 (local.get $g)))
   (local.set $s1 (f32x4.add (local.get $s1) (f32x4.mul (local.get $x) (local.get $x))))
   (local.set $g (i32.add (local.get $g) (i32.const 32)))
   (br_if $l (i32.lt_u (local.get $g) (local.get $end))))
  (local.set $s (f32x4.add (local.get $s) (local.get $s1)))
  (f32.add
   (f32.add (f32x4.extract_lane 0 (local.get $s)) (f32x4.extract_lane 1 (local.get $s)))
   (f32.add (f32x4.extract_lane 2 (local.get $s)) (f32x4.extract_lane 3 (local.get $s)))))

 ;; table[ids[r]] += rows[r] for r = 0 .. n - 1 in this order, so that the sum is reproducible
 (func (export "addRows") (param $table i32) (param $rows i32) (param $ids i32) (param $n i32) (param $width i32)
  (local $t i32) (local $end i32) (local $wide i32) (local $last i32) (local $bytes i32)
  (local.set $bytes (i32.shl (local.get $width) (i32.const 2)))
  (local.set $last (i32.add (local.get $ids) (i32.shl (local.get $n) (i32.const 2))))
  (block $done
   (loop $row
    (br_if $done (i32.ge_u (local.get $ids) (local.get $last)))
    (local.set $t (i32.add (local.get $table) (i32.mul (i32.load (local.get $ids)) (local.get $bytes))))
    (local.set $end (i32.add (local.get $t) (local.get $bytes)))
    (local.set $wide (i32.add (local.get $t) (i32.and (local.get $bytes) (i32.const -16))))
    (block $wideDone
     (loop $c
      (br_if $wideDone (i32.ge_u (local.get $t) (local.get $wide)))
      (v128.store (local.get $t) (f32x4.add (v128.load (local.get $t)) (v128.load (local.get $rows))))
      (local.set $t (i32.add (local.get $t) (i32.const 16)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 16)))
      (br $c)))
    (block $tailDone
     (loop $s
      (br_if $tailDone (i32.ge_u (local.get $t) (local.get $end)))
      (f32.store (local.get $t) (f32.add (f32.load (local.get $t)) (f32.load (local.get $rows))))
      (local.set $t (i32.add (local.get $t) (i32.const 4)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br $s)))
    (local.set $ids (i32.add (local.get $ids) (i32.const 4)))
    (br $row))))
