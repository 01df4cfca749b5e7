#include "EmbeddedWeights.h"

static _Alignas(64) const unsigned char fast[] = {
#embed "../../Weights/lsdnet.lsdnet"
};
static _Alignas(64) const unsigned char accurate[] = {
#embed "../../Weights/lsdnet-accurate.lsdnet"
};
static _Alignas(64) const unsigned char end_network[] = {
#embed "../../Weights/end-network.f32"
};
const EmbeddedFile lsdnet_fast = {fast, sizeof fast};
const EmbeddedFile lsdnet_accurate = {accurate, sizeof accurate};
const EmbeddedFile lsdnet_end_network = {end_network, sizeof end_network};
