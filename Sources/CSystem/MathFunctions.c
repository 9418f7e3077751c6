#include <math.h>

// Swift's own library for C names hypotf(3), which got a new version in glibc 2.35: with it, a program
// would not start on Enterprise Linux 9 and its kin. In double precision neither the squares nor their
// sum can overflow.
float hypotf(float x, float y) {
  if (isinf(x) || isinf(y)) return INFINITY;
  return (float)sqrt((double)x * x + (double)y * y);
}
