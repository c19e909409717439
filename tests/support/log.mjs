/**
 * Checks checkpoints and proofs as a stranger would: from docs/audit.md and RFC 9162, with Node's
 * own hashes and signatures, and with nothing of the program's.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const kLeaf = Buffer.from([0]);
const kNode = Buffer.from([1]);
/** What stands before the 32 bytes of an Ed25519 key in DER. */
const kKeyHead = Buffer.from('302a300506032b6570032100', 'hex');

/** Origin, size and root of a note, when it is signed with the key; throws otherwise. */
export function open_note(note, verifier_key) {
  const key_bytes = Buffer.from(verifier_key.split('+').slice(2).join('+'), 'base64').subarray(1);
  const end = note.indexOf('\n\n') + 1;
  const body = note.slice(0, end);
  const [origin, size, root] = body.split('\n');
  const line = note.slice(end + 1).split('\n').find((one) => one.startsWith(`— ${origin} `));
  const signed = Buffer.from(line.slice(`— ${origin} `.length), 'base64');
  const key = createPublicKey({
    key: Buffer.concat([kKeyHead, key_bytes]), format: 'der', type: 'spki' });
  if (!verify(null, Buffer.from(body), key, signed.subarray(4))) throw new Error('bad signature');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

export const leaf_hash = (entry) => sha256(kLeaf, entry);

/** The root that a proof of inclusion leads to: recursive, from the definition of the tree. */
export function root_of(index, size, leaf, hashes) {
  if (size === 1) return leaf;
  let half = 1;
  while (half * 2 < size) half *= 2;
  const other = Buffer.from(hashes.at(-1), 'base64');
  const rest = hashes.slice(0, -1);
  return index < half
    ? sha256(kNode, root_of(index, half, leaf, rest), other)
    : sha256(kNode, other, root_of(index - half, size - half, leaf, rest));
}

/** Old and new root that a proof of consistency leads to. */
export function roots_of(old_size, size, old_root, hashes) {
  const walk = (old, now, known, rest) => {
    if (old === now) {
      if (known) return [old_root, old_root];
      const digest = Buffer.from(rest[0], 'base64');
      return [digest, digest];
    }
    let half = 1;
    while (half * 2 < now) half *= 2;
    const other = Buffer.from(rest.at(-1), 'base64');
    const inner = rest.slice(0, -1);
    if (old <= half) {
      const [was, is] = walk(old, half, known, inner);
      return [was, sha256(kNode, is, other)];
    }
    const [was, is] = walk(old - half, now - half, false, inner);
    return [sha256(kNode, other, was), sha256(kNode, other, is)];
  };
  return walk(old_size, size, true, hashes);
}

/** The fields of an entry's bytes. */
export function read_entry(bytes) {
  let at = 1;
  const number = () => {
    at += 8;
    return Number(bytes.readBigUInt64BE(at - 8));
  };
  const text = () => {
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    return bytes.toString('utf8', at - length, at);
  };
  return {
    version: bytes[0], seq: number(), created_at: number(), actor: text(), action: text(),
    subject_type: text(), subject_id: number(), details: JSON.parse(text()),
  };
}
