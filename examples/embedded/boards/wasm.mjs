// Runs a WebAssembly program under node: node wasm.mjs PROGRAM
import { readFileSync } from "node:fs";

const print = (at) => {
  const bytes = new Uint8Array(instance.exports.memory.buffer);
  process.stdout.write(new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at))));
};
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), { board: { print } });
process.exitCode = instance.exports.main();
