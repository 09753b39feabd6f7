// For which processor a file was built, read from the first bytes of its ELF header, in Go's names.

const machines: Readonly<Record<number, string>> = {
  62: 'amd64',
  183: 'arm64',
  3: '386',
  40: 'arm',
  243: 'riscv64',
  21: 'ppc64',
  22: 's390x',
};

/** null when the file is no ELF file. */
export function elfArchitecture(head: Uint8Array): string | null {
  if (head.length < 20 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const machine = view.getUint16(18, head[5] !== 2);
  return machines[machine] ?? `e_machine ${machine}`;
}
