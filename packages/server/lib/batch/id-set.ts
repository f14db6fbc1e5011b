/** Which ids there were: 64 bits of each one's hash, so that ten million of them take some 300 MB and not gigabytes. */
import { createHash } from "node:crypto";

const FIRST_SLOTS = 1024;

/**
 * A set of texts. Two of ten million have the same 64 bits with a chance of 3 in a million; the second would be taken for the
 * first.
 */
export class IdSet {
  // Zero is an empty slot.
  #slots = new BigUint64Array(FIRST_SLOTS);
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** @returns false where it is there already */
  add(id: string): boolean {
    if (!this.#put(hashOf(id))) return false;
    if (++this.#size * 2 > this.#slots.length) this.#grow();
    return true;
  }

  has(id: string): boolean {
    const hash = hashOf(id);
    return this.#slots[this.#slotOf(hash)] === hash;
  }

  #put(hash: bigint): boolean {
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] === hash) return false;
    this.#slots[slot] = hash;
    return true;
  }

  /** Where it is, or would be. */
  #slotOf(hash: bigint): number {
    const mask = this.#slots.length - 1;
    let slot = Number(hash & BigInt(mask));
    while (this.#slots[slot] !== 0n && this.#slots[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new BigUint64Array(old.length * 2);
    for (const hash of old) if (hash !== 0n) this.#put(hash);
  }
}

function hashOf(id: string): bigint {
  const hash = createHash("sha256").update(id).digest().readBigUInt64LE(0);
  return hash === 0n ? 1n : hash;
}
