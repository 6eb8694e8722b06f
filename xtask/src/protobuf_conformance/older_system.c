/* What the conformance runner takes from a newer C and C++ library: see older_system.rs. */

#include <stdlib.h>

/* std::ios_base::Init::Init(): newer libraries prepare std::cout by themselves */
extern void _ZNSt8ios_base4InitC1Ev(void *);
static char streams[64];
__attribute__((constructor)) static void start(void) { _ZNSt8ios_base4InitC1Ev(streams); }
void _ZSt21ios_base_library_initv(void) {}

long __isoc23_strtol(const char *s, char **end, int base) { return strtol(s, end, base); }
unsigned long __isoc23_strtoul(const char *s, char **end, int base) { return strtoul(s, end, base); }
long long __isoc23_strtoll(const char *s, char **end, int base) { return strtoll(s, end, base); }
unsigned long long __isoc23_strtoull(const char *s, char **end, int base) { return strtoull(s, end, base); }
