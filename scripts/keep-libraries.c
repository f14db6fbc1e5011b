// Preloaded by scripts/sanitizers.mjs: no library is unloaded. So what one holds to the end of the process
// stays reachable and is no leak, and the functions in a report have names.
int dlclose(void* library) {
  (void)library;
  return 0;
}
