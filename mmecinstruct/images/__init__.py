"""Pictures, from an address to stored bytes (paper, section 3.1: medium size images of 500x500 pixels)."""

from mmecinstruct.images.address import image_id, request_address
from mmecinstruct.images.outcome import Failure, FetchRules, Picture
from mmecinstruct.images.store import PictureStore

__all__ = ["Failure", "FetchRules", "Picture", "PictureStore", "image_id", "request_address"]
