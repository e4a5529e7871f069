 ;; The room: 64 KiB of operands at 0 and 64 KiB at 65536. Counts are rounded up to whole passes: what lies behind the last element is room as well.

 ;; float[i] at 0 += float[i] at 65536, n floats, 16 a pass
 (func (export "add") (param $n i32)
  (local $at i32) (local $end i32)
  (local.set $end (i32.shl (local.get $n) (i32.const 2)))
  (block $done
   (loop $l
    (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
    (v128.store (local.get $at) (f32x4.add (v128.load (local.get $at)) (v128.load offset=65536 (local.get $at))))
    (v128.store offset=16 (local.get $at) (f32x4.add (v128.load offset=16 (local.get $at)) (v128.load offset=65552 (local.get $at))))
    (v128.store offset=32 (local.get $at) (f32x4.add (v128.load offset=32 (local.get $at)) (v128.load offset=65568 (local.get $at))))
    (v128.store offset=48 (local.get $at) (f32x4.add (v128.load offset=48 (local.get $at)) (v128.load offset=65584 (local.get $at))))
    (local.set $at (i32.add (local.get $at) (i32.const 64)))
    (br $l))))

 ;; floats, rounded to the nearest bfloat16, ties to even: the lower 16 bits are 0; every NaN becomes the quiet one (rounding could carry it into another number)
 (func $round (param $x v128) (result v128)
  (v128.bitselect
   (v128.and
    (i32x4.add
     (i32x4.add (local.get $x) (i32x4.splat (i32.const 0x7fff)))
     (v128.and (i32x4.shr_u (local.get $x) (i32.const 16)) (i32x4.splat (i32.const 1))))
    (i32x4.splat (i32.const 0xffff0000)))
   (i32x4.splat (i32.const 0x7fc00000))
   (f32x4.eq (local.get $x) (local.get $x))))

 ;; float[i] at 0 = round(float[i] at 0), n floats, 8 a pass
 (func (export "round") (param $n i32)
  (local $at i32) (local $end i32)
  (local.set $end (i32.shl (local.get $n) (i32.const 2)))
  (block $done
   (loop $l
    (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
    (v128.store (local.get $at) (call $round (v128.load (local.get $at))))
    (v128.store offset=16 (local.get $at) (call $round (v128.load offset=16 (local.get $at))))
    (local.set $at (i32.add (local.get $at) (i32.const 32)))
    (br $l))))

 ;; bfloat16[i] at 65536 = round(float[i] at 0), n floats, 8 a pass
 (func (export "pack") (param $n i32)
  (local $from i32) (local $to i32) (local $end i32)
  (local.set $end (i32.shl (local.get $n) (i32.const 2)))
  (block $done
   (loop $l
    (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
    (v128.store offset=65536 (local.get $to)
     (i16x8.narrow_i32x4_u
      (i32x4.shr_u (call $round (v128.load (local.get $from))) (i32.const 16))
      (i32x4.shr_u (call $round (v128.load offset=16 (local.get $from))) (i32.const 16))))
    (local.set $from (i32.add (local.get $from) (i32.const 32)))
    (local.set $to (i32.add (local.get $to) (i32.const 16)))
    (br $l))))

 ;; float[i] at 0 = bfloat16[i] at 65536, n floats, 8 a pass
 (func (export "unpack") (param $n i32)
  (local $from i32) (local $to i32) (local $end i32)
  (local.set $end (i32.shl (local.get $n) (i32.const 1)))
  (block $done
   (loop $l
    (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
    (v128.store (local.get $to)
     (i32x4.shl (i32x4.extend_low_i16x8_u (v128.load offset=65536 (local.get $from))) (i32.const 16)))
    (v128.store offset=16 (local.get $to)
     (i32x4.shl (i32x4.extend_high_i16x8_u (v128.load offset=65536 (local.get $from))) (i32.const 16)))
    (local.set $from (i32.add (local.get $from) (i32.const 16)))
    (local.set $to (i32.add (local.get $to) (i32.const 32)))
    (br $l))))
