// Debian's libfcgi-dev, whose constants of the wire are used instead of copies. In quotes, because an installed SDK has
// the header in this folder.
#include "fastcgi.h"
