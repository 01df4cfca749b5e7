"""The network: plain 3 x 3 convolutions at strides 2 to 32, an additive feature pyramid back to stride 4, and maps at
stride 2, either from a decoder at stride 2 or by learned upsampling of stride 4.

    image (N, 3, H, W), RGB in [0, 1], H and W multiples of 32
    maps  (N, C, H/2, W/2): heat logit, cos 2t, sin 2t [, end-point logit [, logits of stops right, left, down, up]]

Operators after folding: Conv 3x3 and 1x1, ReLU, Add, Concat or DepthToSpace, nearest x2; Sigmoid and Slice at the
export's end.
"""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from .rounding import is_transformed, rounded


@dataclass(frozen=True)
class Shape:
    """Everything that decides the graph. The defaults are the 0.81 M parameter network (0.785 GMAC at 320 x 320)."""

    widths: tuple = (16, 32, 64, 96, 128)  # channels at strides 2, 4, 8, 16 and, if there are five, 32
    blocks: tuple = (1, 1, 1, 1)  # residual blocks at strides 4, 8, 16, 32
    pyramid: int = 32  # channels of the decoder at strides 4 and 8; twice as many at 16, half at 2
    head: int = 24  # channels of the head's first layer; 0 if it has but one
    # Learned upsampling: the head computes the four stride-2 cells of a stride-4 cell as channels (Shi et al. 2016,
    # sub-pixel convolution), a quarter of the positions of a decoder at stride 2.
    upsampled: bool = False
    ends: bool = False  # an end-point map
    stops: bool = False  # with it, how soon the line through a cell ends on each side
    norm: bool = True  # batch norm; off when starting from folded weights

    @property
    def outputs(self) -> int:
        return 3 + self.ends + 4 * (self.ends and self.stops)

    def dictionary(self) -> dict:
        return asdict(self)


SHAPES = {
    "default": Shape(),
    "upsampled": Shape(head=32, upsampled=True),
    "thin": Shape(widths=(8, 24, 48, 80, 128), pyramid=24, head=32, upsampled=True),
    "lean": Shape(widths=(8, 24, 48, 80, 48), pyramid=24, head=0, upsampled=True),
    "wide": Shape(widths=(24, 48, 96, 128, 160), pyramid=48, head=48, upsampled=True),
    "small": Shape(widths=(8, 24, 48, 64, 96), pyramid=16, head=16),
}


def convolved(conv: nn.Conv2d, x, rounds: bool):
    """The convolution, if it `rounds` with the weights that the runtime transforms rounded as there."""
    if not (rounds and is_transformed(conv)):
        return conv(x)
    return F.conv2d(x, rounded(conv.weight), conv.bias, padding=1)


class Unit(nn.Module):
    """Convolution, batch norm (or a bias), ReLU unless told not to."""

    def __init__(self, inputs, outputs, kernel=3, stride=1, norm=True, relu=True):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=not norm)
        self.norm = nn.BatchNorm2d(outputs) if norm else None
        self.relu = relu
        self.rounds = False
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        if not norm:
            nn.init.zeros_(self.conv.bias)

    def forward(self, x):
        x = convolved(self.conv, x, self.rounds)
        if self.norm is not None:
            x = self.norm(x)
        return F.relu(x) if self.relu else x


class Residual(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        self.a = Unit(width, width, norm=norm)
        self.b = Unit(width, width, norm=norm, relu=False)

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


class LineNet(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.rounds = False
        w1, w2, w3, w4, *w5 = shape.widths
        p, n = shape.pyramid, shape.norm
        # Parts are named in the order in which the graph computes them, which `units` tells.

        def down(inputs, outputs, blocks):
            return nn.Sequential(
                Unit(inputs, outputs, stride=2, norm=n), *(Residual(outputs, n) for _ in range(blocks))
            )

        self.stem = nn.Sequential(Unit(3, w1, stride=2, norm=n), Unit(w1, w1, norm=n))
        self.down4 = down(w1, w2, shape.blocks[0])
        self.down8 = down(w2, w3, shape.blocks[1])
        self.down16 = down(w3, w4, shape.blocks[2])
        if w5:
            self.down32 = down(w4, w5[0], shape.blocks[3])
        self.lateral16 = Unit(w4, 2 * p, 1, norm=n)
        if w5:
            self.lateral32 = Unit(w5[0], 2 * p, 1, norm=n)
        self.up16 = Unit(2 * p, p, norm=n)
        self.lateral8 = Unit(w3, p, 1, norm=n)
        self.up8 = Unit(p, p, norm=n)
        self.lateral4 = Unit(w2, p, 1, norm=n)
        self.up4 = Unit(p, p, norm=n)
        if not shape.upsampled:
            self.reduce = Unit(p, p // 2, 1, norm=n)
        joined = p if shape.upsampled else w1 + p // 2
        if shape.head:
            self.fuse = Unit(joined, shape.head, norm=n)
        self.head = nn.Conv2d(shape.head or joined, shape.outputs * (4 if shape.upsampled else 1), 3, 1, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            self.head.bias[0 :: shape.outputs] = -2.0  # lines are rare
            if shape.ends:
                self.head.bias[3 :: shape.outputs] = -4.0  # ends are rarer
            for stop in range(4, shape.outputs):
                self.head.bias[stop :: shape.outputs] = -2.0

    def forward(self, image):
        s2 = self.stem(image)
        s4 = self.down4(s2)
        s8 = self.down8(s4)
        s16 = self.down16(s8)
        x = self.lateral16(s16)
        if hasattr(self, "down32"):
            x = x + _double(self.lateral32(self.down32(s16)))
        x = self.up16(x)
        x = self.up8(self.lateral8(s8) + _double(x))
        x = self.up4(self.lateral4(s4) + _double(x))
        if not self.shape.upsampled:
            x = torch.cat([s2, _double(self.reduce(x))], dim=1)
        if hasattr(self, "fuse"):
            x = self.fuse(x)
        x = convolved(self.head, x, self.rounds)
        return depth_to_space(x) if self.shape.upsampled else x

    def round(self):
        """From now on computes with rounded weights (`rounding`), and learns those that round well."""
        for part in self.modules():
            if hasattr(part, "rounds"):
                part.rounds = True

    def units(self) -> dict[str, nn.Module]:
        """The convolutions, by name, in the order in which the graph computes them, as ONNX lists them."""
        return {name: part for name, part in self.named_modules() if isinstance(part, Unit)} | {"head": self.head}


def _double(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def depth_to_space(x):
    """(N, 4C, h, w) to (N, C, 2h, 2w) as ONNX's DepthToSpace in mode DCR: channel (2 dy + dx) C + c goes to cell
    (2y + dy, 2x + dx) of map c, so that in NHWC the channels of one such cell stay side by side."""
    n, c, h, w = x.shape
    x = x.reshape(n, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2)
    return x.reshape(n, c // 4, 2 * h, 2 * w)


class Maps(nn.Module):
    """What is exported: the same maps with the probabilities as probabilities, (N, outputs, H/2, W/2).

    `outputs` of 3 drops the maps of ends and stops: what reads two fields needs no more.
    """

    def __init__(self, net: LineNet, outputs: int):
        super().__init__()
        self.net, self.outputs = net, outputs

    def forward(self, image):
        return probabilities(self.net(image)[:, : self.outputs])


def probabilities(maps: torch.Tensor) -> torch.Tensor:
    """Maps of `LineNet` with logits as probabilities; the tangent's stay as they are."""
    return torch.cat([torch.sigmoid(maps[:, 0:1]), maps[:, 1:3], torch.sigmoid(maps[:, 3:])], dim=1)


def folded(net: LineNet) -> LineNet:
    """A network without batch norm that computes the same in evaluation mode."""
    plain = LineNet(Shape(**(net.shape.dictionary() | {"norm": False})))
    with torch.no_grad():
        for source, target in zip(net.units().values(), plain.units().values()):
            if isinstance(source, Unit) and source.norm is not None:
                bn = source.norm
                scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
                target.conv.weight.copy_(source.conv.weight * scale[:, None, None, None])
                target.conv.bias.copy_(bn.bias - bn.running_mean * scale)
            else:
                a, b = (source.conv, target.conv) if isinstance(source, Unit) else (source, target)
                b.load_state_dict(a.state_dict())
    return plain.eval()


def load_onnx(net: LineNet, path) -> list[str]:
    """Takes the folded weights of an exported network of the same widths; head channels it lacks keep their start, and
    so does the whole head of an upsampled network when the file has a decoder at stride 2. Returns the names of the layers
    that keep it whole.

    Raises SystemExit with the first layer that does not fit.
    """
    import onnx
    from onnx import numpy_helper

    if net.shape.norm:
        raise SystemExit("folded weights go into a network without batch norm")
    graph = onnx.load(str(path)).graph
    tensors = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    convolutions = [n for n in graph.node if n.op_type == "Conv"]
    units = net.units()
    anew = []
    if net.shape.upsampled and not any(n.op_type == "DepthToSpace" for n in graph.node):
        anew = [name for name in units if name in ("fuse", "head")]
        convolutions = convolutions[:-3]  # reduce, fuse, head
        units = {name: unit for name, unit in units.items() if name not in anew}
    if len(units) != len(convolutions):
        raise SystemExit(f"{path}: {len(convolutions)} convolutions where this shape has {len(units)}")
    with torch.no_grad():
        for node, unit in zip(convolutions, units.values()):
            conv = unit.conv if isinstance(unit, Unit) else unit
            weight, bias = tensors[node.input[1]], tensors[node.input[2]]
            # An upsampled head has the maps of each of its four cells side by side.
            cells = 4 if conv is net.head and net.shape.upsampled else 1
            kept = weight.shape[0] if conv is net.head else conv.weight.shape[0]
            if weight.shape[1:] != conv.weight.shape[1:] or kept > conv.weight.shape[0] or kept != weight.shape[0]:
                raise SystemExit(
                    f"{path}: {node.name or node.output[0]} is {tuple(weight.shape)}, this shape has "
                    f"{tuple(conv.weight.shape)}: choose the same --shape"
                )
            conv.weight.unflatten(0, (cells, -1))[:, : kept // cells] = weight.unflatten(0, (cells, -1))
            conv.bias.unflatten(0, (cells, -1))[:, : kept // cells] = bias.unflatten(0, (cells, -1))
    return anew
