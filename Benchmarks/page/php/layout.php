<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title><?= e($title) ?></title>
<link rel="stylesheet" href="/site.css">
</head>
<body>
<header><nav><a href="/">Home</a> <a href="/entries">Entries</a> <a href="/about">About</a></nav></header>
<main>
<?= $content ?>
</main>
<footer><p>Fifty entries to a page.</p></footer>
</body>
</html>
