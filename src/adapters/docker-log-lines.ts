// The lines of a container's log as an engine sends them: with a terminal as they are, without one in frames that say which of the two
// streams they belong to. A line may come in several frames, between those of the other stream.
// Source: Docker Engine API 1.41, "Stream format" of ContainerAttach.

const frameHeaderBytes = 8;

export function logLines(bytes: Buffer, hasTerminal: boolean): readonly string[] {
  if (hasTerminal) return split(bytes.toString('utf8'));
  const open = new Map<number, Buffer[]>();
  const lines: string[] = [];
  for (let at = 0; at + frameHeaderBytes <= bytes.length; ) {
    const stream = bytes.readUInt8(at);
    const end = at + frameHeaderBytes + bytes.readUInt32BE(at + 4);
    const payload = bytes.subarray(at + frameHeaderBytes, end);
    const before = [...(open.get(stream) ?? []), payload];
    if (payload.at(-1) === 0x0a) {
      lines.push(...split(Buffer.concat(before).toString('utf8')));
      open.delete(stream);
    } else open.set(stream, before);
    at = end;
  }
  for (const rest of open.values()) lines.push(...split(Buffer.concat(rest).toString('utf8')));
  return lines;
}

function split(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
