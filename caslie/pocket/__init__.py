"""Models of the real architectures at about a million parameters, trained from scratch on the sample's world.

They make the whole method testable on two cores. They know the drawn world of `mmecinstruct.sample` and nothing else.
"""
