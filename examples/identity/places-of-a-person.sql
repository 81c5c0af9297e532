-- From how many addresses and with how many programs each user of IAM works.
SELECT useridentity.arn AS who, count(DISTINCT sourceipaddress) AS addresses, count(DISTINCT useragent) AS programs, count(*) AS calls,
       approx_most_frequent(3, sourceipaddress, 100) AS usual_addresses
FROM main
WHERE useridentity.type = 'IAMUser'
GROUP BY 1
ORDER BY addresses DESC, who
