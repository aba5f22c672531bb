"""`make destroy`: a deployment goes, with what CloudFormation would leave behind.

inventory     what a stack and the stacks in it have
surroundings  what the stack does not tell: protected tables, tables that it left behind, whose the repository is
plan          what goes, what stays and why; pure
removal       carries a plan out, in this order:
halting         nothing starts a job any more, and those at work end
buckets         every version goes, however long somebody still writes
tables          they go, unless they are going already
images          the repository goes, or is emptied
stacks          what is left goes, or its events say why not
patience      looks again and again, for so long
"""
