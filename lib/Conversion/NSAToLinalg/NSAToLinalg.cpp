#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"
