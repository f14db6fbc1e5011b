// The file that Node loads. It opens the OpenVINO libraries by absolute path, in the order given, refuses any
// but the pinned build, then opens the C++ core, whose needed libraries are met by what is loaded already: no
// rpath, environment variable or symbolic link takes part. Plain C, so that it depends on nothing but libc
// and can say what is wrong.
//
//   open(libraries: string[], core: string, tokenizersLibrary: string,
//        expected: { openvino: string, genai: string }) -> the core's exports
//   where() -> string[]   real paths of the libraries loaded by open(), the core last
//
// The core shares this module's napi_env, so instance data belongs to the core alone. What is loaded belongs
// to the process and is never closed: OpenVINO has threads and thread-local state of its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <node_api.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LIBRARIES = 16 };

// ov::Version: two pointers, returned in registers under the C calling convention.
typedef struct {
  const char* build_number;
  const char* description;
} version_t;

// What open() loaded, guarded by `lock`: several environments (worker threads) may open at once.
static struct {
  char* paths[MAX_LIBRARIES + 1];  // real paths in load order, the core last
  void* handles[MAX_LIBRARIES + 1];
  size_t count;
} loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

typedef struct {
  char* libraries[MAX_LIBRARIES];
  uint32_t count;
  char* core;
  char* tokenizers;
  char* expected_openvino;
  char* expected_genai;
} request_t;

typedef struct {
  char code[32];
  char message[4096];
} failure_t;

static bool fail(failure_t* failure, const char* code, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(failure_t* failure, const char* code, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  snprintf(failure->code, sizeof failure->code, "%s", code);
  vsnprintf(failure->message, sizeof failure->message, format, arguments);
  va_end(arguments);
  return false;
}

static const char* base_name(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static bool starts_with(const char* text, const char* prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

// The real path of a loaded library; the caller frees it. NULL when it is not known.
static char* path_of(void* handle) {
  struct link_map* map = NULL;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map) return NULL;
  return realpath(map->l_name, NULL);
}

// Opens one library. Another copy that answers to the same name would take its place when the next library
// resolves its needs, so that is refused: two OpenVINO runtimes in one process would be mixed without a word.
static void* open_library(const char* path, const char* code, failure_t* failure) {
  void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    fail(failure, code, "Could not load %s: %s", path, dlerror());
    return NULL;
  }
  void* same_name = dlopen(base_name(path), RTLD_NOW | RTLD_NOLOAD);
  if (same_name && same_name != handle) {
    char* other = path_of(same_name);
    fail(failure, "ERR_RUNTIME_VERSION",
         "Expected %s to be the only library of its name in this process, but %s is loaded already. "
         "Use one OpenVINO package per process.",
         path, other ? other : "another copy");
    free(other);
    dlclose(same_name);
    return NULL;
  }
  if (same_name) dlclose(same_name);
  return handle;
}

// "2026.4.1-22982-e213a147257" is matched by itself and by what only adds the branch ("…-releases/2026/4").
static bool is_version(const char* found, const char* expected) {
  return found && starts_with(found, expected) &&
         (found[strlen(expected)] == '\0' || found[strlen(expected)] == '-');
}

// A library is known by its file name; one that carries a version must carry the expected one.
static bool check_version(void* handle, const char* path, const request_t* request, unsigned* checked,
                          failure_t* failure) {
  const struct {
    const char* prefix;
    const char* name;
    const char* symbol;
    const char* expected;
  } gates[] = {
      {"libopenvino.so", "OpenVINO", "get_openvino_version", request->expected_openvino},
      {"libopenvino_genai.so", "OpenVINO GenAI", "get_version", request->expected_genai},
  };
  for (unsigned i = 0; i < sizeof gates / sizeof gates[0]; i++) {
    if (!starts_with(base_name(path), gates[i].prefix)) continue;
    version_t (*get_version)(void) = NULL;
    *(void**)&get_version = dlsym(handle, gates[i].symbol);
    const char* found = get_version ? get_version().build_number : NULL;
    if (!is_version(found, gates[i].expected)) {
      return fail(failure, "ERR_RUNTIME_VERSION", "Expected %s %s but %s is version %s.", gates[i].name,
                  gates[i].expected, path, found ? found : "unknown");
    }
    *checked |= 1u << i;
  }
  return true;
}

// GenAI looks for the tokenizers library beside itself, unless this variable names one. Where it is not set,
// GenAI sets and unsets it around each load, on the thread that loads: of two loads at once one may find it
// gone and fail, and whoever reads the environment meanwhile reads what is being changed. So it is set here,
// once, before any load. The price is that child processes inherit it.
static void point_to_tokenizers(const request_t* request) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): once per process, at its first load
  setenv("OPENVINO_TOKENIZERS_PATH_GENAI", request->tokenizers, 1);
}

static const char* requested_path(const request_t* request, size_t index) {
  return index < request->count ? request->libraries[index] : request->core;
}

// Loads everything for the first environment, or checks that a later one asks for the same files. Runs under
// `lock`.
static bool load(const request_t* request, failure_t* failure) {
  size_t total = request->count + 1;
  char* paths[MAX_LIBRARIES + 1] = {0};
  void* handles[MAX_LIBRARIES + 1] = {0};
  bool ok = true;
  for (size_t i = 0; ok && i < total; i++) {
    const char* path = requested_path(request, i);
    paths[i] = realpath(path, NULL);
    if (!paths[i]) {
      ok = fail(failure, i < request->count ? "ERR_RUNTIME_NOT_FOUND" : "ERR_ADDON_NOT_FOUND",
                "Expected a library at %s but the file cannot be read.", path);
    } else if (loaded.count && (loaded.count != total || strcmp(paths[i], loaded.paths[i]) != 0)) {
      ok = fail(failure, "ERR_RUNTIME_VERSION",
                "Expected the libraries that this process already uses (%s) but %s was asked for. A process "
                "holds one "
                "runtime: give all worker threads the same OPENVINO_LLM_RUNTIME, or use another process.",
                loaded.paths[i < loaded.count ? i : loaded.count - 1], path);
    }
  }
  if (ok && !loaded.count) {
    unsigned checked = 0;
    for (size_t i = 0; ok && i < request->count; i++) {
      handles[i] = open_library(request->libraries[i], "ERR_RUNTIME_NOT_FOUND", failure);
      ok = handles[i] && check_version(handles[i], request->libraries[i], request, &checked, failure);
    }
    if (ok && checked != 3) {
      ok = fail(failure, "ERR_RUNTIME_NOT_FOUND",
                "Expected libopenvino.so and libopenvino_genai.so among the libraries to open.");
    }
    if (ok) {
      point_to_tokenizers(request);
      handles[request->count] = open_library(request->core, "ERR_ADDON_NOT_FOUND", failure);
      ok = handles[request->count] != NULL;
    }
    if (ok) {
      memcpy(loaded.paths, paths, sizeof paths);
      memcpy(loaded.handles, handles, sizeof handles);
      loaded.count = total;
      return true;
    }
  }
  for (size_t i = 0; i < total; i++) free(paths[i]);
  return ok;
}

static napi_value throw_failure(napi_env env, const failure_t* failure) {
  napi_throw_error(env, failure->code, failure->message);
  return NULL;
}

// A JavaScript string as UTF-8, or NULL when the value is none; the caller frees it.
static char* to_string(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return NULL;
  char* text = malloc(length + 1);
  if (text) napi_get_value_string_utf8(env, value, text, length + 1, NULL);
  return text;
}

static char* property_string(napi_env env, napi_value object, const char* name) {
  napi_value value = NULL;
  return napi_get_named_property(env, object, name, &value) == napi_ok ? to_string(env, value) : NULL;
}

static bool read_request(napi_env env, napi_callback_info info, request_t* request) {
  napi_value arguments[4];
  size_t count = 4;
  bool is_array = false;
  uint32_t libraries = 0;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 4) return false;
  if (napi_is_array(env, arguments[0], &is_array) != napi_ok || !is_array) return false;
  if (napi_get_array_length(env, arguments[0], &libraries) != napi_ok || libraries > MAX_LIBRARIES)
    return false;
  for (uint32_t i = 0; i < libraries; i++) {
    napi_value item = NULL;
    if (napi_get_element(env, arguments[0], i, &item) != napi_ok) return false;
    request->libraries[i] = to_string(env, item);
    if (!request->libraries[i]) return false;
    request->count = i + 1;
  }
  request->core = to_string(env, arguments[1]);
  request->tokenizers = to_string(env, arguments[2]);
  request->expected_openvino = property_string(env, arguments[3], "openvino");
  request->expected_genai = property_string(env, arguments[3], "genai");
  return request->core && request->tokenizers && request->expected_openvino && request->expected_genai;
}

static void free_request(request_t* request) {
  for (uint32_t i = 0; i < request->count; i++) free(request->libraries[i]);
  free(request->core);
  free(request->tokenizers);
  free(request->expected_openvino);
  free(request->expected_genai);
}

static napi_value open_runtime(napi_env env, napi_callback_info info) {
  request_t request = {0};
  failure_t failure = {0};
  napi_value (*init)(napi_env, napi_value) = NULL;
  if (!read_request(env, info, &request)) {
    free_request(&request);
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) {
      napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE",
                            "Expected (libraries: string[], core: string, tokenizersLibrary: string, "
                            "expected: { openvino: string, genai: string }).");
    }
    return NULL;
  }
  pthread_mutex_lock(&lock);
  if (load(&request, &failure)) {
    *(void**)&init = dlsym(loaded.handles[loaded.count - 1], "napi_register_module_v1");
    if (!init) fail(&failure, "ERR_ADDON_NOT_FOUND", "Expected a Node-API module at %s.", request.core);
  }
  pthread_mutex_unlock(&lock);
  free_request(&request);
  if (!init) return throw_failure(env, &failure);

  napi_value exports = NULL;
  if (napi_create_object(env, &exports) != napi_ok) return NULL;
  napi_value replaced = init(env, exports);
  return replaced ? replaced : exports;
}

static napi_value where(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
  if (napi_create_array(env, &result) != napi_ok) return NULL;
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < loaded.count; i++) {
    napi_value path = NULL;
    char* real = path_of(loaded.handles[i]);
    const char* text = real ? real : loaded.paths[i];
    if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &path) == napi_ok) {
      napi_set_element(env, result, (uint32_t)i, path);
    }
    free(real);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor properties[] = {
      {"open", NULL, open_runtime, NULL, NULL, NULL, napi_enumerable, NULL},
      {"where", NULL, where, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  if (napi_define_properties(env, exports, 2, properties) != napi_ok) return NULL;
  return exports;
}
