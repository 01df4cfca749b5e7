#include "EmbeddedWeights.h"

_Alignas(64) const unsigned char lsdnet_weights[] = {
#embed "../../Weights/lsdnet.lsdnet"
};
const size_t lsdnet_weights_size = sizeof lsdnet_weights;
