"""`make destroy`: a deployment goes, with what CloudFormation would leave behind.

inventory    what a stack and the stacks in it have
plan         what goes, what stays and why; pure
removal      carries a plan out
buckets      empties a bucket, every version of it
"""
