import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { decodePdu, encodePdu, type Pdu, PduError, PduParser } from "../src/index.ts";
import { anyPdu } from "./pdus.ts";

/** A small generator with a seed (mulberry32), so that a failure can be had again. */
export function generator(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One to four faults in one PDU: octets changed, lost, made up, doubled, or a command_length that lies. */
export function mutate(pdu: Buffer, random: (below: number) => number): Buffer {
  let octets = Buffer.from(pdu);
  for (let faults = 1 + random(4); faults > 0; faults--) {
    const at = random(octets.length);
    const [before, after] = [octets.subarray(0, at), octets.subarray(at)];
    switch (random(6)) {
      case 0:
        octets[at] = random(256);
        break;
      case 1:
        octets[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][random(6)] as number;
        break;
      case 2:
        octets = Buffer.concat([before, after.subarray(1 + random(8))]);
        break;
      case 3:
        octets = Buffer.concat([before, Buffer.from(Array.from({ length: 1 + random(8) }, () => random(256))), after]);
        break;
      case 4:
        octets = Buffer.concat([before, after.subarray(0, 1 + random(20)), after]);
        break;
      case 5:
        if (octets.length >= 4) octets.writeUInt32BE(random(4) === 0 ? random(2 ** 32) : random(2 * octets.length), 0);
        break;
    }
    if (octets.length === 0) return Buffer.from([random(256)]);
  }
  // Most mutants get a true length, or few would be looked at beyond their header.
  if (octets.length >= 16 && random(8) > 0) octets.writeUInt32BE(octets.length, 0);
  return octets;
}

/** 500 PDUs to mutate. */
export function soundPdus(seed: number): Buffer[] {
  return fc.sample(anyPdu, { numRuns: 500, seed }).map((pdu) => encodePdu(pdu));
}

/**
 * Feeds `runs` mutated PDUs to parsers, in chunks of random sizes. Throws, saying the run, unless each is taken for a
 * PDU that survives being written and read again, or for a fault; and unless the sound PDU behind a mutant whose
 * command_length is true is found.
 */
export function fuzz(runs: number, seed: number): { pdus: number; faults: number; fatal: number } {
  const random = generator(seed);
  const sound = soundPdus(seed);
  const probe = encodePdu({ command: "enquire_link", sequence_number: 0x7e57 });
  const counts = { pdus: 0, faults: 0, fatal: 0 };
  for (let run = 0; run < runs; run++) {
    const mutant = mutate(sound[random(sound.length)] as Buffer, random);
    const framed = mutant.length >= 16 && mutant.readUInt32BE(0) === mutant.length;
    try {
      check(Buffer.concat([mutant, probe]), framed, random, counts);
    } catch (error) {
      throw new Error(`seed ${seed}, run ${run}: ${mutant.toString("hex")}`, { cause: error });
    }
  }
  return counts;
}

function check(
  stream: Buffer,
  framed: boolean,
  random: (below: number) => number,
  counts: { pdus: number; faults: number; fatal: number },
): void {
  const parser = new PduParser();
  const parsed = [];
  for (let at = 0; at < stream.length; ) {
    const size = 1 + random(stream.length);
    parsed.push(...parser.push(stream.subarray(at, at + size)));
    at += size;
  }
  for (const [index, { pdu, fault }] of parsed.entries()) {
    if (pdu !== undefined) {
      counts.pdus++;
      // A short_message of 255 octets is read, and one more that sm_length does not count, but one too long to be written (§5.2.21).
      const writable = !("short_message" in pdu && pdu.short_message.length >= 255);
      if (writable && !isDeepStrictEqual(decodePdu(encodePdu(pdu)), withoutDropped(pdu))) {
        throw new Error("it reads otherwise");
      }
    } else {
      if (!(fault instanceof PduError) || fault.commandStatus === 0) throw new Error("a fault that says nothing");
      if (fault.fatal && index !== parsed.length - 1) throw new Error("something came after the end");
      counts[fault.fatal ? "fatal" : "faults"]++;
    }
  }
  if (framed && (parsed.length !== 2 || parsed[1]?.pdu?.sequence_number !== 0x7e57))
    throw new Error("the probe is lost");
}

/** What was left out of a PDU is not written again, nor that it was. */
function withoutDropped(pdu: Pdu): Pdu {
  if (!("tlvs" in pdu) || pdu.tlvs === undefined) return pdu;
  const { dropped: _, textDoubtful: __, ...tlvs } = pdu.tlvs;
  return { ...pdu, tlvs } as Pdu;
}
