#include "VectorIntrinsics.h"
