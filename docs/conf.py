"""The site of both packages: `uv run nox -s docs`."""

import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "visgen and sgt-dna"
author = "The sgt-dna and visgen developers"
copyright = f"{author}; MIT licence"
version = release = version("visgen-train")

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.githubpages",
    "sphinx_copybutton",
    "_ext.pages",
]
root_doc = "index"
exclude_patterns = ["_build", "README.md"]  # index.md shows the latter
templates_path = ["_templates"]
nitpicky = True
default_role = "code"  # docstrings are written with single backticks
highlight_language = "text"
smartquotes = False  # --out must stay --out

myst_heading_anchors = 4
nb_execution_mode = "off"  # notebooks are shown as `nox -s notebooks` stored them

autodoc_preserve_defaults = True
autodoc_typehints = "none"  # types stand in the docstrings, in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pydata_sphinx_theme"
html_title = "visgen and sgt-dna"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_use_index = False
html_copy_source = html_show_sourcelink = False
html_sidebars = {"**": ["contents.html"]}
html_theme_options = {
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_center": [],
    "footer_end": [],
    "show_prev_next": True,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
