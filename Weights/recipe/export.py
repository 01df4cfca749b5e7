"""`export`: a trained network as ONNX with batch norm folded, node by node, so that the operators are the ones meant:
Conv, Relu, Add, Concat, Resize (nearest x2), DepthToSpace, Slice, Sigmoid."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .network import LineNet, Residual, Unit, folded
from .train import load_model

OPSET = 17


class _Graph:
    """Nodes in order of computation; every method returns the name of what it computes."""

    def __init__(self):
        self.nodes, self.tensors = [], []

    def constant(self, name, values, dtype):
        self.tensors.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def convolution(self, conv, x, name):
        kernel, stride, pad = conv.kernel_size[0], conv.stride[0], conv.padding[0]
        weight = self.constant(f"{name}.weight", conv.weight.detach().numpy(), np.float32)
        bias = self.constant(f"{name}.bias", conv.bias.detach().numpy(), np.float32)
        return self.node(
            "Conv",
            [x, weight, bias],
            name,
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
            dilations=[1, 1],
            group=1,
        )

    def relu(self, x):
        return self.node("Relu", [x], f"{x}.relu")

    def unit(self, unit: Unit, x, name):
        y = self.convolution(unit.conv, x, name)
        return self.relu(y) if unit.relu else y

    def sequence(self, parts, x, name):
        for i, part in enumerate(parts):
            if isinstance(part, Residual):
                y = self.unit(part.b, self.unit(part.a, x, f"{name}.{i}.a"), f"{name}.{i}.b")
                x = self.relu(self.node("Add", [x, y], f"{name}.{i}.sum"))
            else:
                x = self.unit(part, x, f"{name}.{i}")
        return x

    def double(self, x):
        return self.node(
            "Resize",
            [x, "", "scale2"],
            f"{x}.x2",
            mode="nearest",
            nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        )

    def channels(self, x, first, last, name):
        ends = [self.constant(f"{name}.{k}", [v], np.int64) for k, v in (("from", first), ("to", last), ("axis", 1))]
        return self.node("Slice", [x, *ends], name)


def to_onnx(net: LineNet, outputs: int) -> onnx.ModelProto:
    """The first `outputs` maps (3: heat, cos 2t, sin 2t; 4 with ends; 8 with stops) of a network, folded here."""
    if outputs not in (3, 4, 8) or outputs > net.shape.outputs:
        raise SystemExit(f"this network has {net.shape.outputs} maps: --maps can be 3, 4 or 8, not more than that")
    net = folded(net)
    g = _Graph()
    g.constant("scale2", [1, 1, 2, 2], np.float32)
    s2 = g.sequence(net.stem, "image", "stem")
    s4 = g.sequence(net.down4, s2, "down4")
    s8 = g.sequence(net.down8, s4, "down8")
    s16 = g.sequence(net.down16, s8, "down16")
    s32 = g.sequence(net.down32, s16, "down32") if hasattr(net, "down32") else None

    def merged(side, below, name):
        return g.node("Add", [side, g.double(below)], f"sum{name}")

    # Convolutions appear in the order of `LineNet.units`.
    x = g.unit(net.lateral16, s16, "lateral16")
    if s32:
        x = merged(x, g.unit(net.lateral32, s32, "lateral32"), 16)
    x = g.unit(net.up16, x, "up16")
    x = g.unit(net.up8, merged(g.unit(net.lateral8, s8, "lateral8"), x, 8), "up8")
    x = g.unit(net.up4, merged(g.unit(net.lateral4, s4, "lateral4"), x, 4), "up4")
    if not net.shape.upsampled:
        x = g.node("Concat", [s2, g.double(g.unit(net.reduce, x, "reduce"))], "joined", axis=1)
    if hasattr(net, "fuse"):
        x = g.unit(net.fuse, x, "fuse")
    x = g.convolution(net.head, x, "head")
    if net.shape.upsampled:
        x = g.node("DepthToSpace", [x], "head.x2", blocksize=2, mode="DCR")
    parts = [g.node("Sigmoid", [g.channels(x, 0, 1, "head.heat")], "heat"), g.channels(x, 1, 3, "tangent")]
    if outputs > 3:
        parts.append(g.node("Sigmoid", [g.channels(x, 3, outputs, "head.ends")], "ends"))
    g.node("Concat", parts, "maps", axis=1)
    graph = helper.make_graph(
        g.nodes,
        "lsdnet",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", outputs, "h2", "w2"])],
        g.tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="lsdnet")
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def export(model: Path, out: Path, outputs: int, heat_bias: float):
    onnx.save(to_onnx(load_model(model, heat_bias), outputs), str(out))
