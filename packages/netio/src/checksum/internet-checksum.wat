;; The Internet checksum (RFC 1071) over the arena. `npm run assemble` turns this page into internet-checksum-module.ts.
(module
  (import "arena" "memory" (memory 1))

  ;; The one's complement sum, not complemented, of the big-endian 16-bit words in `length` octets at `offset`, an odd
  ;; last octet padded with a zero, and of `initial`. At most 512 KiB: the lanes hold 32 bits.
  (func (export "sum") (param $offset i32) (param $length i32) (param $initial i32) (result i32)
    (local $end i32)
    (local $lanes v128)
    (local $sum i64)

    ;; The sum does not depend on the order of octets within the words (RFC 1071 section 2 (B)), so it is taken
    ;; little-endian and turned at the end.
    (local.set $end (i32.add (local.get $offset) (i32.and (local.get $length) (i32.const -16))))
    (block $done
      (loop $vectors
        (br_if $done (i32.ge_u (local.get $offset) (local.get $end)))
        (local.set $lanes
          (i32x4.add (local.get $lanes) (i32x4.extadd_pairwise_i16x8_u (v128.load align=1 (local.get $offset)))))
        (local.set $offset (i32.add (local.get $offset) (i32.const 16)))
        (br $vectors)))
    (local.set $sum
      (i64.add
        (i64.add
          (i64.extend_i32_u (i32x4.extract_lane 0 (local.get $lanes)))
          (i64.extend_i32_u (i32x4.extract_lane 1 (local.get $lanes))))
        (i64.add
          (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $lanes)))
          (i64.extend_i32_u (i32x4.extract_lane 3 (local.get $lanes))))))

    ;; Fewer than 16 octets are left.
    (local.set $end (i32.add (local.get $offset) (i32.and (local.get $length) (i32.const 14))))
    (block $done
      (loop $words
        (br_if $done (i32.ge_u (local.get $offset) (local.get $end)))
        (local.set $sum (i64.add (local.get $sum) (i64.load16_u align=1 (local.get $offset))))
        (local.set $offset (i32.add (local.get $offset) (i32.const 2)))
        (br $words)))
    (if (i32.and (local.get $length) (i32.const 1))
      (then (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $offset))))))

    (call $fold
      (i64.add
        (i64.extend_i32_u (call $swap (call $fold (local.get $sum))))
        (i64.extend_i32_u (local.get $initial)))))

  ;; Adds the carries until 16 bits are left; three rounds do for any 48 bits.
  (func $fold (param $sum i64) (result i32)
    (local.set $sum (call $carry (local.get $sum)))
    (local.set $sum (call $carry (local.get $sum)))
    (i32.wrap_i64 (call $carry (local.get $sum))))

  (func $carry (param $sum i64) (result i64)
    (i64.add
      (i64.and (local.get $sum) (i64.const 0xffff))
      (i64.shr_u (local.get $sum) (i64.const 16))))

  (func $swap (param $word i32) (result i32)
    (i32.or
      (i32.and (i32.shl (local.get $word) (i32.const 8)) (i32.const 0xff00))
      (i32.shr_u (local.get $word) (i32.const 8)))))
