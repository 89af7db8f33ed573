// Debian's libfcgi-dev. The wire constants come from here, not from our fingers.
#include <fastcgi.h>
