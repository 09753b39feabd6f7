// YAML to values and back, with the place of every value; the only file of the router that knows the YAML package.
import { isNode, LineCounter, parseDocument, stringify } from 'yaml';

export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

export interface YamlText {
  readonly value: unknown;
  readonly errors: readonly { readonly place: YamlPlace; readonly message: string }[];
  /** Where the value of a path stands, or its nearest parent that exists. */
  placeOf(path: readonly (string | number)[]): YamlPlace;
}

export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const placeOf = (path: readonly (string | number)[]): YamlPlace => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return place(node.range[0]);
    }
    return place(0);
  };
  const errors = document.errors.map((error) => ({ place: place(error.pos[0]), message: error.message }));
  return { value: errors.length > 0 ? null : document.toJS({ maxAliasCount: 100 }), errors, placeOf };
}

export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
