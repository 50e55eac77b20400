SELECT item_id, title, category
FROM `acme-ml.catalog.items`
WHERE valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)
ORDER BY item_id
