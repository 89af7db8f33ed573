// Debian's libfcgi-dev. The wire constants come from here, not from our fingers. In quotes, because an installed SDK has
// the header beside this one.
#include "fastcgi.h"
