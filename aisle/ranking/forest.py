"""Boosted trees as they are served: LightGBM's, carried over to ONNX, whose runtime asks them twice as fast or more.

The same trees: a threshold in double precision becomes the largest float32 that is not above it, so that every float32
goes the same way; what differs is the order in which leaves are added (1e-6 of the sum).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from aisle.errors import StageError
from aisle.records.history import Floats

LEAF, BRANCH = "LEAF", "BRANCH_LEQ"


def lightgbm() -> Any:
    """The library that grows trees. Two threads that wait for each other by spinning take ten times as long where
    another process is busy; how they wait is read when the library is loaded."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return import_module("lightgbm")


class Forest:
    """The sum of the leaves (raw score) of a LightGBM booster with numerical splits. One thread, as a request has."""

    def __init__(self, booster: Any) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.width = int(booster.num_feature())
        self._session = onnxruntime.InferenceSession(_exported(booster.dump_model(), self.width), options)

    def predict(self, features: Floats) -> Floats:
        """float32 (n, width) → float32 (n,)."""
        if features.shape[1] != self.width:
            raise StageError("trees", features.shape, f"features of shape (n, {self.width})")
        if not len(features):
            return np.zeros(0, np.float32)
        [scores] = self._session.run(None, {"features": np.ascontiguousarray(features, np.float32)})
        return np.asarray(scores[:, 0], np.float32)


def _exported(dump: Mapping[str, Any], width: int) -> bytes:
    """The operator TreeEnsembleRegressor of ai.onnx.ml, which takes one attribute a column of all nodes."""
    from onnx import TensorProto, helper

    nodes = [node for tree, said in enumerate(dump["tree_info"]) for node in _nodes(said["tree_structure"], tree)]
    leaves = [node for node in nodes if node.mode == LEAF]
    operator = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["scores"], domain="ai.onnx.ml", n_targets=1,
        nodes_treeids=[node.tree for node in nodes], nodes_nodeids=[node.number for node in nodes],
        nodes_featureids=[node.feature for node in nodes], nodes_modes=[node.mode for node in nodes],
        nodes_values=[_below(node.threshold) for node in nodes], nodes_truenodeids=[node.left for node in nodes],
        nodes_falsenodeids=[node.right for node in nodes],
        nodes_missing_value_tracks_true=[int(node.absent) for node in nodes],
        target_treeids=[leaf.tree for leaf in leaves], target_nodeids=[leaf.number for leaf in leaves],
        target_ids=[0] * len(leaves), target_weights=[leaf.value for leaf in leaves],
    )  # fmt: skip
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, width])
    made = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 1])
    versions = [helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("", 17)]
    model = helper.make_model(helper.make_graph([operator], "trees", [given], [made]), opset_imports=versions)
    model.ir_version = 8  # what every onnxruntime of the range reads
    return bytes(model.SerializeToString())


NOTHING = float(np.float32(1e-35))  # LightGBM's kZeroThreshold


@dataclass
class _Node:
    """A split or a leaf; left: the child where the feature is at most the threshold, which is also where one that is
    `absent` goes if that is true."""

    tree: int
    number: int
    mode: str = LEAF
    feature: int = 0
    threshold: float = 0.0
    absent: bool = False
    left: int = 0
    right: int = 0
    value: float = 0.0


def _nodes(root: Mapping[str, Any], tree: int) -> list[_Node]:
    """All nodes of one tree, a parent before its children."""
    todo, nodes = [root], list[_Node]()
    for said in todo:
        node = _Node(tree, len(nodes))
        nodes.append(node)
        if "split_feature" not in said:
            node.value = said["leaf_value"]
            continue
        if said["decision_type"] != "<=" or said["missing_type"] == "Zero":
            raise StageError("trees", f"{said['decision_type']}, {said['missing_type']}", "numerical splits")
        node.mode, node.feature, node.threshold = BRANCH, said["split_feature"], said["threshold"]
        # where nothing was missing when it was learned, LightGBM reads NaN as 0
        node.absent = said["default_left"] if said["missing_type"] == "NaN" else said["threshold"] >= 0
        node.left, node.right = len(todo), len(todo) + 1
        todo += [said["left_child"], said["right_child"]]
    return nodes


def _below(threshold: float) -> float:
    """The largest float32 that is not above a double. LightGBM reads what is at most NOTHING from 0 as 0, so a
    threshold among these stands before or behind all of them."""
    if abs(threshold) <= NOTHING:
        return NOTHING if threshold >= 0 else float(np.nextafter(np.float32(-NOTHING), np.float32(-np.inf)))
    with np.errstate(over="ignore"):  # what is above every float32 becomes the largest
        nearest = np.float32(threshold)
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))
