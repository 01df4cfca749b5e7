#include "EmbeddedWeights.h"

static _Alignas(64) const unsigned char fast[] = {
#embed "../../Weights/lsdnet.lsdnet"
};
static _Alignas(64) const unsigned char accurate[] = {
#embed "../../Weights/lsdnet-accurate.lsdnet"
};
const EmbeddedModel lsdnet_fast = {fast, sizeof fast};
const EmbeddedModel lsdnet_accurate = {accurate, sizeof accurate};
