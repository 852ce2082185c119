"""Slow guessing down without locking the right person out.

`gates`   what closes after how many failures, and for how long
`counters` the counts of failures, in Redis for every process, or in this process's memory
`sign_in`  which gates an attempt to sign in must find open (docs/decisions/0015)
"""
