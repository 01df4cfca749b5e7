"""A step that is recorded once as a CUDA graph and replayed: one launch where its kernels need hundreds."""

import torch


class Recorded:
    """`function` of tensors, the same shapes at every call. On a GPU the first calls run as they are, which is when libraries
    choose their kernels and optimisers make their state; then it is recorded, and what it returns lives until the next call.
    Whatever else changes from call to call must be a tensor too. Elsewhere it is called as it is.
    """

    def __init__(self, function, device: torch.device, warmup=4):
        self.function, self.left = function, warmup if device.type == "cuda" else None
        self.graph = None

    def __call__(self, *inputs: torch.Tensor):
        if self.left is None:
            return self.function(*inputs)
        if self.left > 0:
            self.left -= 1
            return self._aside(inputs)
        if self.graph is None:
            self._record(inputs)
        for own, given in zip(self.inputs, inputs):
            own.copy_(given)
        self.graph.replay()
        return self.outputs

    def _aside(self, inputs):
        """On a stream of its own, so that nothing that is recorded later waits for the main one."""
        main, aside = torch.cuda.current_stream(), torch.cuda.Stream()
        aside.wait_stream(main)
        with torch.cuda.stream(aside):
            outputs = self.function(*inputs)
        main.wait_stream(aside)
        return outputs

    def _record(self, inputs):
        self.inputs = [given.clone() for given in inputs]
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.outputs = self.function(*self.inputs)
