// Debian's libfcgi-dev: the oracle in tests and a peer in benchmarks. Nothing that ships imports it.
#include <fcgiapp.h>
