<?php
// The page in plain PHP, with a connection that is kept by each child.
declare(strict_types=1);

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

if ($_SERVER['DOCUMENT_URI'] === '/hello') {
    header('Content-Type: text/plain; charset=utf-8');
    echo "Hello from the peer.\n";
    exit;
}

$database = new PDO(
    sprintf('pgsql:host=%s;port=%s;dbname=bench', getenv('PGHOST'), getenv('PGPORT')), 'bench', null,
    [PDO::ATTR_PERSISTENT => true, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$entries = $database->query('SELECT id, title, author, body, written, edited FROM entry ORDER BY id DESC LIMIT 50')
    ->fetchAll(PDO::FETCH_OBJ);
$title = 'Entries';
ob_start();
require __DIR__ . '/entries.php';
$content = ob_get_clean();
require __DIR__ . '/layout.php';
