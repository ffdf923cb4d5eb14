"""HTTP to addresses that somebody gave, guarded against requests to inside addresses (SSRF).
Door: `fetch.fetch` for files; `http` is the guarded connection below it.
"""
