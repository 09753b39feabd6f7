// The types of content, items and tools that the vendors publish and no other dialect can say. Only these are repeated in refusals
// and rows: a caller may write anything where a type belongs, also what must not be kept.
// Sources: the OpenAI API reference, "Chat Completions" and "Responses"; the Anthropic API reference, "Messages" and "Tools".

const published: ReadonlySet<string> = new Set([
  // Content
  ...['audio', 'file', 'input_audio', 'input_file', 'output_audio', 'document', 'search_result', 'container_upload'],
  ...['tool_reference', 'server_tool_use', 'tool_search_tool_result', 'web_search_tool_result', 'web_fetch_tool_result'],
  ...['code_execution_tool_result', 'bash_code_execution_tool_result', 'text_editor_code_execution_tool_result'],
  ...['mcp_tool_use', 'mcp_tool_result', 'compaction'],
  // Items
  ...['item_reference', 'file_search_call', 'computer_call', 'computer_call_output', 'web_search_call', 'image_generation_call'],
  ...['code_interpreter_call', 'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output', 'apply_patch_call'],
  ...['apply_patch_call_output', 'mcp_call', 'mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response'],
  ...['tool_search_call', 'tool_search_output'],
  // Tools
  ...['file_search', 'web_search', 'web_search_preview', 'web_search_options', 'computer', 'computer_use_preview', 'code_interpreter'],
  ...['image_generation', 'local_shell', 'shell', 'apply_patch', 'mcp', 'tool_search', 'namespace'],
  ...['bash', 'text_editor', 'web_fetch', 'code_execution', 'memory', 'mcp_toolset', 'mcp_servers'],
  ...['tool_search_tool_regex', 'tool_search_tool_bm25'],
  // Choices of tools
  ...['allowed_tools'],
]);
/** Tools come in dated versions. */
const version = /_(?:\d{8}|\d{4}_\d{2}_\d{2})$/;

/** The type when a vendor publishes it, else `unknown`. */
export function publishedType(type: string): string {
  return published.has(type.replace(version, '')) ? type : 'unknown';
}
