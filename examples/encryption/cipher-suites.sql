-- Which cipher suites clients use, the ones without forward secrecy first.
SELECT tlsdetails.ciphersuite AS cipher_suite, tlsdetails.tlsversion AS version, count(*) AS calls, count(DISTINCT useridentity.arn) AS callers,
       NOT regexp_like(tlsdetails.ciphersuite, '^(TLS_AES|TLS_CHACHA|ECDHE|DHE)') AS is_weak
FROM main
WHERE tlsdetails.ciphersuite IS NOT NULL
GROUP BY 1, 2
ORDER BY is_weak DESC, calls DESC
