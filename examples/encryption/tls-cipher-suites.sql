-- TLS cipher suites: Cipher suites that clients use, those without forward secrecy first.
-- tags: cipher suites, compliance
SELECT tlsdetails.ciphersuite AS cipher_suite, tlsdetails.tlsversion AS version, count(*) AS calls, count(DISTINCT useridentity.arn) AS callers,
       NOT regexp_like(tlsdetails.ciphersuite, '^(TLS_AES|TLS_CHACHA|ECDHE|DHE)') AS is_weak
FROM main
WHERE tlsdetails.ciphersuite IS NOT NULL
GROUP BY 1, 2
ORDER BY is_weak DESC, calls DESC
