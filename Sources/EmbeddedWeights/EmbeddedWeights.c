#include "EmbeddedWeights.h"

static _Alignas(64) const unsigned char file[] = {
#embed "../../Weights/lsdnet.lsdnet"
};
const void *const lsdnet_weights = file;
const size_t lsdnet_weights_size = sizeof file;
