-- Private and public source addresses: How many calls come from private addresses, from public addresses and from AWS services.
-- tags: network profile, source addresses
SELECT CASE
         WHEN sourceipaddress LIKE '%.amazonaws.com' THEN 'service'
         WHEN TRY(contains('10.0.0.0/8', CAST(sourceipaddress AS ipaddress)) OR contains('172.16.0.0/12', CAST(sourceipaddress AS ipaddress))
              OR contains('192.168.0.0/16', CAST(sourceipaddress AS ipaddress))) THEN 'private'
         ELSE 'public' END AS kind,
       count(*) AS calls, count(DISTINCT sourceipaddress) AS addresses
FROM main
GROUP BY 1
ORDER BY calls DESC
