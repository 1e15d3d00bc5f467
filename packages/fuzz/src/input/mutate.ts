import type { Dice } from '../dice.ts';

/** Octets that decoders ask for by value: lengths, types, edges of ranges. */
const telling = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 24, 40, 48, 58, 59, 60, 0x60, 0x7f, 0x80, 0x85, 0x86, 0xfe, 0xff];

/**
 * A hostile copy of one of the templates in `target`, from its start: mostly one with some octets changed, cut, doubled or
 * joined with another, sometimes noise. Returns its length.
 */
export function mutate(dice: Dice, templates: readonly Uint8Array[], target: Uint8Array): number {
  if (dice.once(20)) return noise(dice, target, dice.below(200));
  const template = dice.pick(templates);
  target.set(template);
  let length = template.length;
  if (dice.once(8)) length = append(target, length, dice.pick(templates));
  for (let changes = dice.below(4); changes > 0; changes--) {
    switch (dice.below(6)) {
      case 0:
        target[dice.below(Math.max(1, length))] = dice.pick(telling);
        break;
      case 1:
        target[dice.below(Math.max(1, length))]! ^= 1 << dice.below(8);
        break;
      case 2:
        target[dice.below(Math.min(64, length) || 1)] = dice.word();
        break;
      case 3:
        length = dice.below(length + 1);
        break;
      case 4:
        length = insert(dice, target, length);
        break;
      default:
        length = append(target, length, trailer(dice));
    }
  }
  return length;
}

function noise(dice: Dice, target: Uint8Array, length: number): number {
  for (let index = 0; index < length; index++) target[index] = dice.word();
  return length;
}

function append(target: Uint8Array, length: number, more: Uint8Array): number {
  const fitting = Math.min(more.length, target.length - length);
  target.set(more.subarray(0, fitting), length);
  return length + fitting;
}

function insert(dice: Dice, target: Uint8Array, length: number): number {
  if (length === target.length) return length;
  const at = dice.below(length + 1);
  target.copyWithin(at + 1, at, length);
  target[at] = dice.pick(telling);
  return length + 1;
}

const trailerSpace = new Uint8Array(12);

function trailer(dice: Dice): Uint8Array {
  const length = dice.below(10);
  trailerSpace[0] = dice.pick([1, 3, 4, 5, 0x41, 0x81, 0xc1]);
  trailerSpace[1] = dice.once(4) ? dice.word() : length;
  for (let index = 0; index < length; index++) trailerSpace[2 + index] = dice.word();
  return trailerSpace.subarray(0, 2 + length);
}
