// Put before every C++ source of better-sqlite3 when it is compiled (docs/decisions/0014). The headers of Node 24.19 and later 24.x let
// node::ObjectWrap take a cleanup hook back while memory is collected, where Node has no context and aborts the process. Without the
// hooks the class is what it was in every Node before.
#include <node.h>
#define AddEnvironmentCleanupHook(...) static_cast<void>(0)
#define RemoveEnvironmentCleanupHook(...) static_cast<void>(0)
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook
