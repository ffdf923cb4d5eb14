"""APIs of other products, served by this one: a package for each.
Door: the packages `cognite` and `pixlab`.
"""
