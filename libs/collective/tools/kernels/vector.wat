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
