// A server-sent event whose name is the type that its data carries too; the Responses and Messages dialects write all of theirs so.

export function sseEvent(data: { readonly type: string } & Readonly<Record<string, unknown>>): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
