"""EC3: a caption of every picture, conditioned on the text of its sample (paper, section 4.1)."""

from caslie.captioning.ec3 import PLAIN, Captions, caption, open_store, wishes
from caslie.captioning.pictures import Pictures

__all__ = ["PLAIN", "Captions", "Pictures", "caption", "open_store", "wishes"]
