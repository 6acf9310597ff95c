"""Backbones of torchvision: the layer taken away, weights from files, and models that will not do."""

import urllib.error

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from visgen_train.errors import ConfigError, WeightsError
from visgen_train.models.backbone import build_backbone, check_backbone

IMAGES = torch.zeros(2, 3, 64, 64)


@pytest.mark.parametrize(
    ("name", "width"), [("resnet18", 512), ("resnet50", 2048), ("mobilenet_v3_small", 1024)]
)
def test_the_last_linear_layer_is_taken_away(name, width):
    backbone, found = build_backbone(name, "none", 64)
    assert found == width
    assert backbone.eval()(IMAGES).shape == (2, width)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("squeezenet1_1", "squeezenet1_1 does not end in a linear layer"),
        ("googlenet", "googlenet cannot be a backbone .*it does not give one vector"),
        ("vit_b_16", "vit_b_16 cannot be a backbone for pictures of 64 px .*image_size=224"),
    ],
)
@pytest.mark.filterwarnings("ignore:The default weight initialization of GoogleNet")
def test_models_that_cannot_be_a_backbone_say_so_before_training(name, message):
    with pytest.raises(ConfigError, match=message):
        build_backbone(name, "none", 64)


def test_vgg16_keeps_two_wide_linear_layers_that_are_trained_with_it():
    """Hsiang et al.'s network (Table 1, row 1): of 138,357,544 parameters the last layer's 4096 x 1000 + 1000 go."""
    backbone, width = build_backbone("vgg16", "none", 32)
    assert width == 4096
    assert sum(parameter.numel() for parameter in backbone.parameters()) == 134_260_544
    backbone.train()(torch.zeros(2, 3, 32, 32)).sum().backward()
    for layer in (backbone.classifier[0], backbone.classifier[3]):
        assert layer.weight.grad is not None
    assert [type(layer).__name__ for layer in backbone.classifier[2::3]] == ["Dropout", "Dropout"]


def test_the_probe_leaves_the_running_statistics_alone():
    backbone, _ = build_backbone("resnet18", "none", 64)
    assert backbone.bn1.num_batches_tracked == 0


def test_unknown_names_get_near_ones():
    with pytest.raises(ConfigError, match=r"no backbone 'resnet5'. Perhaps resnet50 or"):
        check_backbone("resnet5")
    with pytest.raises(ConfigError, match="For instance resnet50"):
        check_backbone("qqqq")


def test_no_network_says_how_to_go_on(monkeypatch):
    def offline(*args, **kwargs):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(
        WeightsError, match=r"could not be downloaded .*no network.* --weights FILE .* --weights none"
    ):
        build_backbone("mobilenet_v3_small", "default", 64)


@pytest.mark.parametrize("given", ["default", "imagenet"])
def test_downloaded_weights_are_loaded(monkeypatch, tmp_path, given):
    original = torchvision.models.resnet18()
    weights = torchvision.models.ResNet18_Weights.DEFAULT
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    checkpoints = tmp_path / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    torch.save(original.state_dict(), checkpoints / weights.url.rpartition("/")[2])
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", _from_cache)
    monkeypatch.setattr(torchvision.models._api, "load_state_dict_from_url", _from_cache)
    backbone, _ = build_backbone("resnet18", given, 64)
    assert torch.equal(backbone.conv1.weight, original.conv1.weight)


def _from_cache(url, *args, **kwargs):
    return torch.load(torch.hub.get_dir() + "/checkpoints/" + url.rpartition("/")[2], weights_only=True)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("prefix", ["", "backbone."])
def test_a_file_of_weights(tmp_path, suffix, prefix):
    model = torchvision.models.resnet18()
    state = {prefix + key: value for key, value in model.state_dict().items()}
    path = tmp_path / f"weights{suffix}"
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    backbone, _ = build_backbone("resnet18", str(path), 64)
    assert torch.equal(backbone.layer4[1].conv2.weight, model.layer4[1].conv2.weight)


def test_weights_that_do_not_fit_or_are_none(tmp_path):
    with pytest.raises(WeightsError, match="no such weights file"):
        build_backbone("resnet18", str(tmp_path / "none.pth"), 64)
    (tmp_path / "text.pth").write_text("hello")
    (tmp_path / "text.safetensors").write_text("hello")
    for name in ("text.pth", "text.safetensors"):
        with pytest.raises(WeightsError, match=f"{name}: cannot be read as weights"):
            build_backbone("resnet18", str(tmp_path / name), 64)
    torch.save(torchvision.models.resnet34().state_dict(), tmp_path / "other.pth")
    with pytest.raises(
        WeightsError, match=r"not of a resnet18: 0 tensors are missing and \d+ do not fit.*--backbone"
    ):
        build_backbone("resnet18", str(tmp_path / "other.pth"), 64)


def test_a_pickle_is_never_executed(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    torch.save(Evil(), tmp_path / "evil.pth")
    with pytest.raises(WeightsError, match=r"evil\.pth: cannot be read as weights"):
        build_backbone("resnet18", str(tmp_path / "evil.pth"), 64)
    assert not (tmp_path / "owned").exists()
