// Which of the offered tools a question wants, and with which arguments: known tools of coding clients by their names, every
// other one by its JSON Schema.
import { type Asked, type OfferedTool, picturesOf, questionOf } from './asked.js';
import { isObject } from './json-object.js';
import { type Subjects, subjectsOf, workingDirectoryOf } from './question-subjects.js';
import { type SchemaHints, schemaValue } from './schema-value.js';
import { exactWordsOf, sumOf } from './text-answers.js';

export interface ScriptedCall {
  readonly tool: OfferedTool;
  /** JSON text, or the free text of a custom tool. */
  readonly input: string;
}

const manyCalls = 4;

/** The calls that answer the question; none when it is better answered in words. */
export function callsFor(asked: Asked): readonly ScriptedCall[] {
  const { tools, choice, parallel, turns } = asked;
  if (choice === 'none' || tools.length === 0) return [];
  const question = questionOf(asked);
  if (choice === 'auto' && !wantsTool(question, asked)) return [];
  const subjects = subjectsOf(question);
  const tool = typeof choice === 'object' ? tools.find(({ name }) => name === choice.name) : bestTool(question, subjects, tools);
  if (tool === undefined) return [];
  const directory = workingDirectoryOf(turns.flatMap(({ texts }) => texts));
  const things = subjects.things.length > 0 ? subjects.things.slice(0, parallel ? manyCalls : 1) : [null];
  return things.map((thing) => ({ tool, input: inputFor(tool, question, { ...subjects, thing, directory }) }));
}

/** Exact words, sums and pictures are answered in words, unless a tool is asked for by name. */
function wantsTool(question: string, asked: Asked): boolean {
  if (question.trim() === '') return false;
  if (/\btools?\b/i.test(question) || asked.tools.some(({ name }) => hasWord(question, name))) return true;
  return exactWordsOf(question) === null && sumOf(question) === null && picturesOf(asked).length === 0;
}

function bestTool(question: string, subjects: Subjects, tools: readonly OfferedTool[]): OfferedTool | undefined {
  const scored = tools.map((tool) => ({ tool, score: scoreOf(tool, question, subjects) }));
  return scored.reduce<(typeof scored)[number] | undefined>(
    (best, each) => (best === undefined || each.score > best.score ? each : best),
    undefined,
  )?.tool;
}

function scoreOf(tool: OfferedTool, question: string, { files }: Subjects): number {
  const named = hasWord(question, tool.name) ? 100 : 0;
  const words = tool.name.split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])/).filter((word) => word.length > 2);
  const shared = words.filter((word) => question.toLowerCase().includes(word.toLowerCase())).length * 3;
  return named + shared + aptness(tool, question, files);
}

/** How well a known tool suits a question about files. */
function aptness(tool: OfferedTool, question: string, files: readonly string[]): number {
  const kind = kindOf(tool);
  if (kind === 'patch') return /\bpatch\b/i.test(question) ? 40 : -5;
  const [file] = files;
  if (file === undefined) return 0;
  if (/\.(?:png|jpe?g|gif|webp)$/i.test(file)) return kind === 'view' ? 30 : kind === 'read' ? 25 : kind === null ? 0 : 5;
  if (kind === 'command') return 20;
  return kind === 'code' ? 18 : kind === 'read' ? 15 : 0;
}

type ToolKind = 'command' | 'code' | 'patch' | 'read' | 'view';

function kindOf({ name }: OfferedTool): ToolKind | null {
  const last = name.toLowerCase();
  const ends = (word: string): boolean => last === word || new RegExp(`[^a-z0-9]${word}$`).test(last);
  if (['exec_command', 'shell_command', 'shell', 'local_shell', 'bash'].some(ends)) return 'command';
  if (ends('apply_patch')) return 'patch';
  if (ends('view_image')) return 'view';
  if (ends('exec')) return 'code';
  return ends('read') ? 'read' : null;
}

interface CallFacts extends Subjects {
  readonly thing: string | null;
  readonly directory: string | null;
}

function inputFor(tool: OfferedTool, question: string, facts: CallFacts): string {
  const file = facts.files.find((each) => each === facts.thing) ?? facts.files[0] ?? 'note.txt';
  const command = commandFor(question, file, facts);
  const kind = kindOf(tool);
  const text = kind === 'patch' ? patchFor(file, facts) : kind === 'code' ? scriptFor(command) : (facts.thing ?? question);
  if (tool.schema === null) return text;
  const path = facts.directory === null || file.startsWith('/') ? file : `${facts.directory}/${file}`;
  const hints: SchemaHints = {
    texts: {
      ...{ cmd: command, command, description: `Work on ${file}`, path: file, file_path: path, filename: file, content: facts.content },
      ...{ input: text, patch: text, code: text, script: text },
    },
    otherwise: facts.thing ?? (question.slice(0, 80) || 'example'),
  };
  const value = schemaValue(tool.schema, hints);
  return JSON.stringify(isObject(value) ? value : {});
}

function commandFor(question: string, file: string, { content }: CallFacts): string {
  return /\b(?:write|create|add)\b/i.test(question) ? `echo ${shellWord(content)} > ${shellWord(file)}` : `cat ${shellWord(file)}`;
}

function patchFor(file: string, { content }: CallFacts): string {
  return `*** Begin Patch\n*** Add File: ${file}\n+${content}\n*** End Patch\n`;
}

/** A program for clients that let the model write code which calls their tools. */
function scriptFor(command: string): string {
  return `const r = await tools.exec_command({cmd:${JSON.stringify(command)}}); text(JSON.stringify(r));`;
}

function shellWord(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w-])${word.replace(/[^\w]/g, '\\$&')}(?![\\w-])`).test(text);
}
