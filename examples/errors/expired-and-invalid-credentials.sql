-- Expired and invalid credentials: Callers with expired or invalid credentials, by access key, with the source addresses.
-- tags: invalid credentials, credential rotation
SELECT useridentity.accesskeyid AS key_id, useridentity.arn AS who, errorcode, count(*) AS times, max(eventtime) AS latest, approx_most_frequent(3, sourceipaddress, 20) AS addresses
FROM main
WHERE errorcode IN ('ExpiredToken', 'ExpiredTokenException', 'InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure', 'Client.AuthFailure')
GROUP BY 1, 2, 3
ORDER BY times DESC
